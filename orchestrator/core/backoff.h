#pragma once

#include "absl/time/time.h"
#include "orchestrator/core/limits.h"

namespace seatsaga::core {

// How long to wait after the `unknown_count`-th unknown outcome (from 1): exponential with full
// jitter, max(floor, jitter * min(cap, base * 2^(unknown_count - 1))), in whole microseconds so
// that a store can keep it exactly. `jitter` is in [0, 1); a value outside is clamped. Pure;
// thread-safe.
//
// Full jitter: see "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. It spreads the
// retries of many sagas that one outage stopped at the same moment.
absl::Duration Backoff(int unknown_count, double jitter, const Limits& limits);

}  // namespace seatsaga::core
