#pragma once

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "common/random.h"
#include "tests/simulation/faults.h"

namespace seatsaga::simulation {

// Where all decisions of a run come from. Not thread-safe.
class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed), rates_(FaultRates::Draw(random_)) {}

  uint64_t Next() { return random_.Next(); }
  // From `min` to `max`, both included.
  int64_t Between(int64_t min, int64_t max) {
    return min + static_cast<int64_t>(Next() % static_cast<uint64_t>(max - min + 1));
  }
  absl::Duration Between(absl::Duration min, absl::Duration max) {
    return absl::Microseconds(
        Between(absl::ToInt64Microseconds(min), absl::ToInt64Microseconds(max)));
  }
  bool Chance(double probability) { return probability > 0 && random_.NextShare() < probability; }
  template <class T>
  const T& OneOf(const std::vector<T>& all) {
    return all[Next() % all.size()];
  }

  // Whether the fault happens now. Never once the run is healed.
  bool Strikes(Fault fault) { return !healed && Chance(rates_.Of(fault)); }
  // It happened, and made a difference.
  void Count(Fault fault) { ++counts_[static_cast<size_t>(fault)]; }
  const FaultRates& rates() const { return rates_; }
  const FaultCounts& counts() const { return counts_; }

  bool healed = false;

 private:
  Random random_;
  const FaultRates rates_;
  FaultCounts counts_{};
};

}  // namespace seatsaga::simulation
