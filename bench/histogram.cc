#include "bench/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace seatsaga::bench {

// Values below 2 * kSubBuckets have a bucket each; above, the leading kSubBits + 1 bits name the
// bucket.
int Histogram::BucketOf(uint64_t nanos) {
  nanos = std::min(nanos, kNanosMax);
  if (nanos < kSubBuckets) return static_cast<int>(nanos);
  const int shift = std::bit_width(nanos) - 1 - kSubBits;
  const auto sub = static_cast<int>(nanos >> shift) - kSubBuckets;
  return (shift + 1) * kSubBuckets + sub;
}

uint64_t Histogram::MiddleOf(int bucket) {
  if (bucket < kSubBuckets) return static_cast<uint64_t>(bucket);
  const int shift = bucket / kSubBuckets - 1;
  const uint64_t low = static_cast<uint64_t>(bucket % kSubBuckets + kSubBuckets) << shift;
  return low + (uint64_t{1} << shift) / 2;
}

void Histogram::Record(absl::Duration latency) {
  const int64_t nanos = std::max<int64_t>(absl::ToInt64Nanoseconds(latency), 0);
  ++counts_[static_cast<size_t>(BucketOf(static_cast<uint64_t>(nanos)))];
  ++count_;
  max_ = std::max(max_, nanos);
  sum_ += static_cast<double>(nanos);
}

void Histogram::Merge(const Histogram& other) {
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

absl::Duration Histogram::Quantile(double quantile) const {
  if (count_ == 0) return absl::ZeroDuration();
  const double share = std::clamp(quantile, 0.0, 1.0) * static_cast<double>(count_);
  const int64_t rank = std::max<int64_t>(static_cast<int64_t>(std::ceil(share)), 1);
  int64_t seen = 0;
  for (int bucket = 0; bucket < kBuckets; ++bucket) {
    seen += counts_[static_cast<size_t>(bucket)];
    if (seen >= rank) {
      const auto middle = static_cast<int64_t>(MiddleOf(bucket));
      return absl::Nanoseconds(std::min(middle, max_));
    }
  }
  return max();
}

absl::Duration Histogram::mean() const {
  if (count_ == 0) return absl::ZeroDuration();
  return absl::Nanoseconds(sum_ / static_cast<double>(count_));
}

}  // namespace seatsaga::bench
