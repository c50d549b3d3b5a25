#include "orchestrator/core/backoff.h"

#include <algorithm>
#include <cmath>

namespace seatsaga::core {

absl::Duration Backoff(int unknown_count, double jitter, const Limits& limits) {
  // Beyond 2^40 any sensible base has long met its cap.
  const int doublings = std::clamp(unknown_count - 1, 0, 40);
  const absl::Duration window =
      std::min(limits.backoff_cap, limits.backoff_base * std::ldexp(1.0, doublings));
  const double share = jitter >= 0.0 ? std::min(jitter, 1.0) : 0.0;  // also for NaN
  return absl::Trunc(std::max(limits.backoff_floor, window * share), absl::Microseconds(1));
}

}  // namespace seatsaga::core
