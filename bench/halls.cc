#include "bench/halls.h"

#include "common/text.h"

namespace seatsaga::bench {
namespace {

constexpr int kSeatsPerRow = 1000;
constexpr char kSection[] = "stalls";

}  // namespace

std::string Halls::EventId(int event) const { return Cat(prefix_, "-", event); }

std::string Halls::SeatId(int seat) {
  return Cat(kSection, "/", seat / kSeatsPerRow + 1, "/", seat % kSeatsPerRow + 1);
}

seat::v1::CreateEventRequest Halls::CreationOf(const std::string& event_id, int seat_count) {
  seat::v1::CreateEventRequest request;
  auto& event = *request.mutable_event();
  event.set_event_id(event_id);
  event.set_display_name(Cat("Benchmark ", event_id));
  event.set_currency(kCurrency);
  auto& section = *event.add_sections();
  section.set_name(kSection);
  section.set_price_minor(kPriceMinor);
  for (int row = 0; row < seat_count / kSeatsPerRow; ++row) {
    auto& added = *section.add_rows();
    added.set_name(Cat(row + 1));
    added.set_seat_count(kSeatsPerRow);
  }
  return request;
}

Halls::Place Halls::Next() {
  const auto event = static_cast<int>(next_ % event_count_);
  const auto seat = static_cast<int>(next_ / event_count_);
  ++next_;
  return {.event_id = EventId(event), .seat_id = SeatId(seat)};
}

}  // namespace seatsaga::bench
