#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bench/services.h"

namespace seatsaga::bench {

// How long a hall of some size takes.
struct HallTimes {
  int seat_count = 0;
  absl::Duration create;  // CreateEvent, one call
  absl::Duration read;    // all pages of ListSeats, of the largest size, one after the other
};

// Creates an event with `seat_count` seats, a multiple of 1,000 up to 100,000, and reads its seat
// list. Fails if the list does not have that many seats.
absl::StatusOr<HallTimes> TimeHall(Services& services, const std::string& event_id, int seat_count);

}  // namespace seatsaga::bench
