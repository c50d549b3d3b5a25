#pragma once

#include "absl/status/status.h"
#include "common/store/lane.h"
#include "reservation_svc/user_event_counts.h"

namespace seatsaga::reservation {

// Call this before a process decides anything on this store. With limits, makes the rows of
// user_event_counts fit the reservations, unless they have been kept since an earlier start.
// Without limits, notes that they are no longer kept. It reads and writes a bounded number of rows
// at a time, and begins again at the next start if it does not reach the end. Not for a store that
// another process with other limits writes to: all processes of one store need the same.
absl::Status PrepareCounts(const UserEventLimits& limits, store::Store& store);

}  // namespace seatsaga::reservation
