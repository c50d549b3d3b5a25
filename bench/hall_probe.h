#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bench/services.h"

namespace seatsaga::bench {

// What a hall of some size costs.
struct HallTimes {
  int seat_count = 0;
  absl::Duration create;  // CreateEvent, one call
  absl::Duration read;    // every page of ListSeats, the largest there are, one after the other
};

// Creates an event of so many seats, a multiple of 1,000 up to 100,000, and reads its seat list.
// An error also if the list is not the hall.
absl::StatusOr<HallTimes> TimeHall(Services& services, const std::string& event_id, int seat_count);

}  // namespace seatsaga::bench
