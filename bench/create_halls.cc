#include "bench/create_halls.h"

namespace seatsaga::bench {
namespace {

constexpr absl::Duration kCreateDeadline = absl::Seconds(30);

}  // namespace

absl::Status CreateHalls(const Halls& halls, RpcChannel& seat_svc) {
  for (int i = 0; i < halls.event_count(); ++i) {
    const auto created = seat_svc.CallAndWait<seat::v1::CreateEventResponse>(
        "seatsaga.seat.v1.SeatService/CreateEvent",
        Halls::CreationOf(halls.EventId(i), Halls::kSeatsPerEvent), kCreateDeadline);
    if (!created.ok()) return created.status();
  }
  return absl::OkStatus();
}

}  // namespace seatsaga::bench
