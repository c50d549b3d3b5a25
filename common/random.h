#pragma once

#include <cstdint>

namespace seatsaga {

// A short series of random numbers from a seed, such as a Tick's: SplitMix64 (Steele, Lea, Flood
// 2014). Not for secrets. A value.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t x = state_ += 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31);
  }
  // In [0, 1), a multiple of 2^-32: so a store keeps it exactly in 32 bits.
  double NextShare() { return static_cast<double>(Next() >> 32) * (1.0 / 4294967296.0); }

 private:
  uint64_t state_;
};

}  // namespace seatsaga
