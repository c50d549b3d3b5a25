#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/random.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/recording.h"

namespace seatsaga::simulation {

// Where all decisions of a run come from: a seed, or the recording of a run. Not thread-safe.
class Dice {
 public:
  // Faults of the class `without` never happen.
  explicit Dice(uint64_t seed, std::optional<FaultClass> without = std::nullopt)
      : random_(seed), rates_(FaultRates::Draw(*this, without)) {}
  // Decides as recorded, and 0 when the recording is over: no fault, the shortest wait, the first
  // of several. So whatever is left of a recording is a run.
  explicit Dice(Decisions recorded, std::optional<FaultClass> without = std::nullopt)
      : recorded_(std::move(recorded)),
        replays_(true),
        random_(0),
        rates_(FaultRates::Draw(*this, without)) {}

  // For what needs many numbers that nobody wants to read.
  uint64_t Seed() {
    return Next("seed", [](Random& random) { return random.Next(); });
  }
  // From `min` to `max`, both included.
  int64_t Between(int64_t min, int64_t max) {
    const auto count = static_cast<uint64_t>(max - min + 1);
    const uint64_t number =
        Next("number", [count](Random& random) { return random.Next() % count; });
    return min + static_cast<int64_t>(number % count);
  }
  absl::Duration Between(absl::Duration min, absl::Duration max) {
    return absl::Microseconds(
        Between(absl::ToInt64Microseconds(min), absl::ToInt64Microseconds(max)));
  }
  bool Chance(double probability, std::string_view what = "chance") {
    return probability > 0 && Next(what, [probability](Random& random) {
                                return uint64_t{random.NextShare() < probability ? 1U : 0U};
                              }) != 0;
  }
  template <class T>
  const T& OneOf(const std::vector<T>& all) {
    return all[static_cast<size_t>(Between(0, static_cast<int64_t>(all.size()) - 1))];
  }

  // Whether the fault happens now. Never once the run is healed.
  bool Strikes(Fault fault) { return !healed && Chance(rates_.Of(fault), NameOf(fault)); }
  // It made a difference.
  void Count(Fault fault) { ++counts_[static_cast<size_t>(fault)]; }
  // For a fault that makes one whenever it strikes.
  bool StrikesAndCounts(Fault fault) {
    const bool strikes = Strikes(fault);
    if (strikes) Count(fault);
    return strikes;
  }
  const FaultRates& rates() const { return rates_; }
  const FaultCounts& counts() const { return counts_; }
  // All decisions so far: what replays them.
  const Decisions& decisions() const { return decisions_; }

  bool healed = false;

 private:
  // The one place where decisions come from.
  template <class Draw>
  uint64_t Next(std::string_view what, const Draw& draw) {
    const size_t at = decisions_.size();
    const uint64_t number = !replays_               ? draw(random_)
                            : at < recorded_.size() ? recorded_[at].number
                                                    : 0;
    decisions_.push_back({number, what});
    return number;
  }

  const Decisions recorded_;
  const bool replays_ = false;
  Random random_;
  Decisions decisions_;
  const FaultRates rates_;  // drawn with the above
  FaultCounts counts_{};
};

}  // namespace seatsaga::simulation
