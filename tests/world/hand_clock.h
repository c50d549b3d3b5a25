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

// The clocks of one life of a process: its wall clock may be off, its monotonic one counts from a
// moment of its own, and may run slow or fast. Not thread-safe.
class ProcessClock final : public Clock {
 public:
  explicit ProcessClock(const Clock& base) : base_(base), from_(base.Now()), counted_(from_) {}

  absl::Time Wall() const override { return base_.Wall() + wall_offset; }
  Mono Now() const override { return counted_ + (base_.Now() - from_) * rate_; }
  // When, by the base clock, this one shows `moment`; rounded up.
  Mono ToBase(Mono moment) const {
    if (moment.IsInfinite() || rate_ == 1.0) return moment + (from_ - counted_);
    return from_ + (moment - counted_) / rate_ + absl::Nanoseconds(1);
  }
  void SetRate(double rate) {
    counted_ = Now();
    from_ = base_.Now();
    rate_ = rate;
  }

  absl::Duration wall_offset;

 private:
  const Clock& base_;
  Mono from_;
  Mono counted_;
  double rate_ = 1.0;
};

}  // namespace seatsaga::testing
