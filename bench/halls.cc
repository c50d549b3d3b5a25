#include "bench/halls.h"

#include "common/text.h"
#include "seatsaga/seat/v1/seat.pb.h"

namespace seatsaga::bench {
namespace {

constexpr int kSeatsPerRow = 1000;
constexpr char kSection[] = "stalls";
constexpr absl::Duration kCreateDeadline = absl::Seconds(30);

}  // namespace

std::string Halls::EventId(int event) const { return Cat(prefix_, "-", event); }

std::string Halls::SeatId(int seat) {
  return Cat(kSection, "/", seat / kSeatsPerRow + 1, "/", seat % kSeatsPerRow + 1);
}

absl::Status Halls::Create(RpcChannel& seat_svc) const {
  for (int i = 0; i < event_count_; ++i) {
    seat::v1::CreateEventRequest request;
    auto& event = *request.mutable_event();
    event.set_event_id(EventId(i));
    event.set_display_name(Cat("Benchmark ", EventId(i)));
    event.set_currency(kCurrency);
    auto& section = *event.add_sections();
    section.set_name(kSection);
    section.set_price_minor(kPriceMinor);
    for (int row = 0; row < kSeatsPerEvent / kSeatsPerRow; ++row) {
      auto& added = *section.add_rows();
      added.set_name(Cat(row + 1));
      added.set_seat_count(kSeatsPerRow);
    }
    const auto created = seat_svc.CallAndWait<seat::v1::CreateEventResponse>(
        "seatsaga.seat.v1.SeatService/CreateEvent", request, kCreateDeadline);
    if (!created.ok()) return created.status();
  }
  return absl::OkStatus();
}

Halls::Place Halls::Next() {
  const auto event = static_cast<int>(next_ % event_count_);
  const auto seat = static_cast<int>(next_ / event_count_);
  ++next_;
  return {.event_id = EventId(event), .seat_id = SeatId(seat)};
}

}  // namespace seatsaga::bench
