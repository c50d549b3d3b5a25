#pragma once

#include "absl/time/time.h"

namespace seatsaga::core {

// What operators and tests may tune. An immutable value; thread-safe.
//
// A history replays to the same state only under the limits it was made with.
struct Limits {
  // Unknown outcomes of one call before the core acts on them: it undoes a bounded step, and flags
  // a step or compensation that is retried until done. At least 1. A step may set its own.
  int attempts_max = 5;
  // The first retry comes within this time; every further one within twice the time before it ...
  absl::Duration backoff_base = absl::Milliseconds(50);
  // ... but never later than this.
  absl::Duration backoff_cap = absl::Seconds(30);
  // Never sooner than this, whatever the jitter.
  absl::Duration backoff_floor = absl::Milliseconds(5);
};

}  // namespace seatsaga::core
