#include "bench/histogram.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <vector>

namespace seatsaga::bench {
namespace {

constexpr double kErrorMax = 0.004;  // what histogram.h promises

double RelativeError(absl::Duration got, int64_t exact_nanos) {
  const auto exact = static_cast<double>(exact_nanos);
  return std::abs(absl::ToDoubleNanoseconds(got) - exact) / exact;
}

TEST_CASE("an empty histogram answers zero") {
  const Histogram histogram;
  CHECK(histogram.count() == 0);
  CHECK(histogram.Quantile(0.5) == absl::ZeroDuration());
  CHECK(histogram.max() == absl::ZeroDuration());
  CHECK(histogram.mean() == absl::ZeroDuration());
}

TEST_CASE("a single latency is every quantile, within the promised error") {
  for (int64_t nanos = 1; nanos < static_cast<int64_t>(Histogram::kNanosMax);
       nanos += nanos / 3 + 1) {
    Histogram histogram;
    histogram.Record(absl::Nanoseconds(nanos));
    INFO("latency " << nanos << " ns");
    CHECK(RelativeError(histogram.Quantile(0), nanos) <= kErrorMax);
    CHECK(RelativeError(histogram.Quantile(1), nanos) <= kErrorMax);
    CHECK(histogram.max() == absl::Nanoseconds(nanos));
  }
}

TEST_CASE("latencies next to a power of two are told apart as well as others") {
  for (int bit = 0; bit < 40; ++bit) {
    for (const int64_t nanos :
         {(int64_t{1} << bit) - 1, int64_t{1} << bit, (int64_t{1} << bit) + 1}) {
      if (nanos == 0) continue;
      Histogram histogram;
      histogram.Record(absl::Nanoseconds(nanos));
      histogram.Record(absl::Minutes(60));  // so that the middle of the bucket is not cut at max
      INFO("latency " << nanos << " ns");
      CHECK(RelativeError(histogram.Quantile(0.5), nanos) <= kErrorMax);
    }
  }
}

TEST_CASE("quantiles of many latencies are those of the sorted list") {
  std::mt19937_64 random(20261224);
  std::lognormal_distribution<double> latency(13, 2);  // around 0.4 ms, with a long tail
  Histogram histogram;
  std::vector<int64_t> exact;
  for (int i = 0; i < 100'000; ++i) {
    exact.push_back(static_cast<int64_t>(latency(random)) + 1);
    histogram.Record(absl::Nanoseconds(exact.back()));
  }
  std::sort(exact.begin(), exact.end());
  for (const double quantile : {0.001, 0.1, 0.5, 0.9, 0.99, 0.9999, 1.0}) {
    const auto rank = static_cast<size_t>(std::ceil(quantile * static_cast<double>(exact.size())));
    INFO("quantile " << quantile);
    CHECK(RelativeError(histogram.Quantile(quantile), exact[rank - 1]) <= kErrorMax);
  }
}

TEST_CASE("merging is the same as recording both") {
  Histogram all;
  Histogram even;
  Histogram odd;
  for (int i = 1; i <= 1001; ++i) {
    all.Record(absl::Microseconds(i));
    (i % 2 == 0 ? even : odd).Record(absl::Microseconds(i));
  }
  even.Merge(odd);
  CHECK(even.count() == all.count());
  CHECK(even.max() == all.max());
  CHECK(even.mean() == all.mean());
  for (const double quantile : {0.1, 0.5, 0.99})
    CHECK(even.Quantile(quantile) == all.Quantile(quantile));
}

TEST_CASE("what is out of range is counted, and the maximum stays exact") {
  Histogram histogram;
  histogram.Record(absl::Seconds(-1));
  histogram.Record(absl::Hours(10));
  CHECK(histogram.count() == 2);
  CHECK(histogram.Quantile(0.5) == absl::ZeroDuration());
  CHECK(histogram.Quantile(1) > absl::Minutes(18));
  CHECK(histogram.max() == absl::Hours(10));
}

}  // namespace
}  // namespace seatsaga::bench
