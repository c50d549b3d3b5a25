#pragma once

#include <endian.h>

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace seatsaga {

// A 128-bit UUID. Ids made by IdGenerator are UUIDv7 (RFC 9562): they sort by the time they were
// made, so that new rows are next to each other at the end of a table. A value type; safe to copy
// between threads.
class Id {
 public:
  static constexpr size_t kSize = 16;

  Id() = default;

  // Any UUID version in its canonical text form (8-4-4-4-12 hex digits, either case).
  // InvalidArgument otherwise.
  static absl::StatusOr<Id> Parse(std::string_view text);
  // From kSize raw bytes, as `bytes()` gives them. InvalidArgument for any other length.
  static absl::StatusOr<Id> FromBytes(std::string_view bytes);

  std::string ToString() const;
  // This id with the last byte of another.
  Id WithLastByteOf(const Id& other) const {
    Id id = *this;
    id.bytes_.back() = other.bytes_.back();
    return id;
  }
  // Valid as long as this id.
  std::string_view bytes() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  // When a UUIDv7 was made, to the millisecond; meaningless for other versions.
  absl::Time time() const;
  // The smallest id that could have been made at `time`: a bound for ranges of time-ordered ids.
  static Id LowerBound(absl::Time time);

  // In the order of the bytes.
  friend std::strong_ordering operator<=>(const Id& a, const Id& b) {
    const uint64_t a_half = a.Half(0);
    const uint64_t b_half = b.Half(0);
    return a_half != b_half ? a_half <=> b_half : a.Half(1) <=> b.Half(1);
  }
  friend bool operator==(const Id& a, const Id& b) {
    return a.Half(0) == b.Half(0) && a.Half(1) == b.Half(1);
  }
  template <typename H>
  friend H AbslHashValue(H hash, const Id& id) {
    return H::combine(std::move(hash), id.Half(0), id.Half(1));
  }

 private:
  friend class IdGenerator;
  uint64_t Half(size_t half) const {
    uint64_t big_endian = 0;
    std::memcpy(&big_endian, bytes_.data() + half * sizeof(big_endian), sizeof(big_endian));
    return be64toh(big_endian);
  }
  std::array<uint8_t, kSize> bytes_{};
};

// Makes UUIDv7s that rise strictly, even within a millisecond or when the clock steps back.
// Not thread-safe: one owner.
class IdGenerator {
 public:
  // With chance of its own.
  IdGenerator();
  // `random` gives 64 fresh bits per call: from a world, so that a simulation makes the same ids in
  // every run with the same seed.
  explicit IdGenerator(std::function<uint64_t()> random) : random_(std::move(random)) {}

  Id Next(absl::Time now);

 private:
  std::function<uint64_t()> random_;
  int64_t last_ms_ = 0;
  uint32_t counter_ = 0;
};

}  // namespace seatsaga
