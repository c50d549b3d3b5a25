#pragma once

#include "absl/time/time.h"

namespace seatsaga {

// How retries of one thing spread out. An immutable value.
struct BackoffLimits {
  // The first retry comes within this time; every further one within twice the time before it ...
  absl::Duration base = absl::Milliseconds(50);
  // ... but never later than this.
  absl::Duration cap = absl::Seconds(30);
  // Never sooner than this, whatever the jitter.
  absl::Duration floor = absl::Milliseconds(5);
};

// How long to wait after the `failures`-th failure (from 1): exponential with full jitter,
// max(floor, jitter * min(cap, base * 2^(failures - 1))), in whole microseconds so that a store can
// keep it exactly. `jitter` is in [0, 1); a value outside is clamped. Pure; thread-safe.
//
// Full jitter: see "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. It spreads the
// retries of many things that one outage stopped at the same moment.
absl::Duration Backoff(int failures, double jitter, const BackoffLimits& limits);

}  // namespace seatsaga
