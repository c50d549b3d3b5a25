#pragma once

#include <algorithm>
#include <cstddef>

namespace seatsaga {

// When to look for the ended ones in a list of streams: when as many were added as were left the
// last time, but not for a few. So at most about half of a list is of ended streams, and each
// addition pays for a constant part of a sweep. A value.
class SweepRule {
 public:
  static constexpr size_t kAddedMin = 64;

  void Added(size_t count) { added_ += count; }
  bool due() const { return added_ >= std::max(kAddedMin, left_); }
  void Swept(size_t left) {
    left_ = left;
    added_ = 0;
  }

 private:
  size_t left_ = 0;
  size_t added_ = 0;
};

}  // namespace seatsaga
