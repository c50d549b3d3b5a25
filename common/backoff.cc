#include "common/backoff.h"

#include <algorithm>
#include <cmath>

namespace seatsaga {

absl::Duration Backoff(int failures, double jitter, const BackoffLimits& limits) {
  // Beyond 2^40 any sensible base has long met its cap.
  const int doublings = std::clamp(failures - 1, 0, 40);
  const absl::Duration window = std::min(limits.cap, limits.base * std::ldexp(1.0, doublings));
  const double share = jitter >= 0.0 ? std::min(jitter, 1.0) : 0.0;  // also for NaN
  return absl::Trunc(std::max(limits.floor, window * share), absl::Microseconds(1));
}

}  // namespace seatsaga
