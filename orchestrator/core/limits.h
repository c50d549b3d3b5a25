#pragma once

#include "common/backoff.h"

namespace seatsaga::core {

// What operators and tests may tune. An immutable value; thread-safe.
//
// A history replays to the same state only under the limits it was made with.
struct Limits {
  // Unknown outcomes of one call before the core acts on them: it undoes a bounded step, and flags
  // a step or compensation that is retried until done. At least 1. A step may set its own.
  int attempts_max = 5;
  // How the retries of one call spread out.
  BackoffLimits backoff;
};

}  // namespace seatsaga::core
