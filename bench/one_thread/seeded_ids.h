#pragma once

#include <cstdint>
#include <cstring>
#include <random>
#include <string>

#include "absl/time/time.h"
#include "common/id.h"

namespace seatsaga::bench {

// UUIDv7s in the layout of IdGenerator's, but the same ones in every run. Not thread-safe.
class SeededIds {
 public:
  explicit SeededIds(uint64_t seed) : random_(seed) {}

  Id Next(absl::Time now) {
    std::string bytes(Id::LowerBound(now).bytes());
    const uint64_t tail = random_();
    ++counter_;  // so that ids of one millisecond rise
    bytes[6] = 0x70;
    bytes[7] = static_cast<char>(counter_ >> 14);
    bytes[8] = static_cast<char>(0x80 | ((counter_ >> 8) & 0x3F));
    bytes[9] = static_cast<char>(counter_);
    std::memcpy(&bytes[10], &tail, 6);
    return *Id::FromBytes(bytes);
  }

 private:
  std::mt19937_64 random_;
  uint32_t counter_ = 0;
};

}  // namespace seatsaga::bench
