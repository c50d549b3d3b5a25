#include "cluster/wait.h"

#include <algorithm>

#include "absl/time/clock.h"

namespace seatsaga::cluster {
namespace {

constexpr absl::Duration kPollMin = absl::Milliseconds(1);
constexpr absl::Duration kPollMax = absl::Milliseconds(20);

}  // namespace

bool WaitUntil(const std::function<bool()>& condition, absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  absl::Duration pause = kPollMin;
  while (!condition()) {
    if (absl::Now() >= deadline) return false;
    absl::SleepFor(pause);
    pause = std::min(pause * 2, kPollMax);
  }
  return true;
}

}  // namespace seatsaga::cluster
