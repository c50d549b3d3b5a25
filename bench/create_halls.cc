#include "bench/create_halls.h"

#include "api/seat.h"

namespace seatsaga::bench {
namespace {

constexpr absl::Duration kCreateDeadline = absl::Seconds(30);

}  // namespace

absl::Status CreateHalls(const Halls& halls, RpcChannel& seat_svc) {
  for (int i = 0; i < halls.event_count(); ++i) {
    const auto created =
        CallAndWait(seat_svc, seat::kCreateEvent,
                    Halls::CreationOf(halls.EventId(i), Halls::kSeatsPerEvent), kCreateDeadline);
    if (!created.ok()) return created.status();
  }
  return absl::OkStatus();
}

}  // namespace seatsaga::bench
