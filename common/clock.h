#pragma once

#include <compare>
#include <cstdint>
#include <limits>

#include "absl/time/time.h"

// Time as data. The wall clock is for what is stored and shown, and may step; the monotonic clock
// is for waiting, and never does.
namespace seatsaga {

// A moment on a process' monotonic clock, to the nanosecond. Means nothing to other processes, nor
// after a restart. A value type.
class Mono {
 public:
  constexpr Mono() = default;
  static constexpr Mono FromNanos(int64_t nanos) { return Mono(nanos); }
  static constexpr Mono InfinitePast() { return Mono(std::numeric_limits<int64_t>::min()); }
  static constexpr Mono InfiniteFuture() { return Mono(std::numeric_limits<int64_t>::max()); }

  constexpr int64_t nanos() const { return nanos_; }
  constexpr bool IsInfinite() const { return *this == InfinitePast() || *this == InfiniteFuture(); }

  // Infinite moments and durations stay infinite; sums beyond the range become so.
  friend Mono operator+(Mono moment, absl::Duration duration) {
    if (moment.IsInfinite()) return moment;
    return Mono(Saturated(absl::Nanoseconds(moment.nanos_) + duration));
  }
  friend Mono operator-(Mono moment, absl::Duration duration) { return moment + -duration; }
  friend absl::Duration operator-(Mono a, Mono b) {
    if (a == b) return absl::ZeroDuration();
    if (a == InfiniteFuture() || b == InfinitePast()) return absl::InfiniteDuration();
    if (a == InfinitePast() || b == InfiniteFuture()) return -absl::InfiniteDuration();
    return absl::Nanoseconds(a.nanos_) - absl::Nanoseconds(b.nanos_);
  }
  friend constexpr auto operator<=>(Mono, Mono) = default;
  friend constexpr bool operator==(Mono, Mono) = default;

 private:
  constexpr explicit Mono(int64_t nanos) : nanos_(nanos) {}
  static int64_t Saturated(absl::Duration since_zero) {
    return absl::ToInt64Nanoseconds(since_zero);
  }

  int64_t nanos_ = 0;
};

// The time and randomness that a batch may use.
struct Tick {
  absl::Time wall;
  Mono now;
  uint64_t random = 0;  // fresh for every batch: seeds whatever chance the batch needs
};

// Where a moment of the wall clock lies on the monotonic one, as seen at `tick`.
inline Mono ToMono(absl::Time time, const Tick& tick) {
  if (time == absl::InfiniteFuture()) return Mono::InfiniteFuture();
  if (time == absl::InfinitePast()) return Mono::InfinitePast();
  return tick.now + (time - tick.wall);
}

// A process' two clocks. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Wall() const = 0;
  virtual Mono Now() const = 0;
};

// The machine's. Never freed.
const Clock& SystemClock();

}  // namespace seatsaga
