#pragma once

#include <functional>

#include "absl/time/time.h"

namespace seatsaga::cluster {

// How long anything in a test may take before it counts as a hang: ample also on a busy machine.
inline constexpr absl::Duration kHang = absl::Seconds(30);

// Asks `condition` again and again, with a pause of a few milliseconds, until it holds; false if it
// did not within `limit`. Thread-safe.
bool WaitUntil(const std::function<bool()>& condition, absl::Duration limit = kHang);

}  // namespace seatsaga::cluster
