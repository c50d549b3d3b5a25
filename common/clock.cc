#include "common/clock.h"

#include <chrono>

#include "absl/time/clock.h"

namespace seatsaga {
namespace {

class System final : public Clock {
 public:
  absl::Time Wall() const override { return absl::Now(); }
  Mono Now() const override {
    const auto since_boot = std::chrono::steady_clock::now().time_since_epoch();
    return Mono::FromNanos(std::chrono::nanoseconds(since_boot).count());
  }
};

}  // namespace

const Clock& SystemClock() {
  static const System clock;
  return clock;
}

}  // namespace seatsaga
