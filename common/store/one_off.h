#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/store/lane.h"
#include "common/store/rows.h"

// Reads and writes of a store that no loop uses yet: what a service does once, when it opens it.
// One thread.
namespace seatsaga::store {

// Runs `query`, and also returns the error that its snapshot met.
absl::Status QueryOnce(Store& store, absl::FunctionRef<void(Snapshot&)> query);

// Commits what `change` makes of the rows that `want` asks for; both may be called again after a
// conflict. UNAVAILABLE if it did not become durable.
absl::Status WriteOnce(Lane& lane, absl::FunctionRef<void(Rows&)> want,
                       absl::FunctionRef<void(Rows&)> change);

}  // namespace seatsaga::store
