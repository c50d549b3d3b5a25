#pragma once

#include "absl/time/time.h"
#include "common/clock.h"

namespace seatsaga::testing {

// Both clocks, moved by hand. They start at moments that have nothing to do with each other, so
// that what mixes them up shows. Not thread-safe.
class HandClock final : public Clock {
 public:
  absl::Time Wall() const override { return wall_; }
  Mono Now() const override { return now_; }

  // Never back.
  void Advance(absl::Duration duration) {
    wall_ += duration;
    now_ = now_ + duration;
  }
  void StepWall(absl::Duration duration) { wall_ += duration; }

 private:
  absl::Time wall_ = absl::FromCivil(absl::CivilSecond(2026, 1, 1), absl::UTCTimeZone());
  Mono now_ = Mono::FromNanos(int64_t{1'000'000'000'000});
};

}  // namespace seatsaga::testing
