#include "common/backoff.h"

#include <catch2/catch.hpp>
#include <limits>

namespace seatsaga {
namespace {

constexpr double kAlmostOne = 0.999999999;
const BackoffLimits kLimits{
    .base = absl::Milliseconds(50), .cap = absl::Seconds(30), .floor = absl::Milliseconds(5)};

TEST_CASE("the backoff's window doubles until the cap") {
  REQUIRE(Backoff(1, 0.5, kLimits) == absl::Milliseconds(25));
  REQUIRE(Backoff(2, 0.5, kLimits) == absl::Milliseconds(50));
  REQUIRE(Backoff(5, 0.5, kLimits) == absl::Milliseconds(400));
  REQUIRE(Backoff(10, 0.5, kLimits) == absl::Milliseconds(12'800));
  REQUIRE(Backoff(11, 0.5, kLimits) == absl::Seconds(15));
  REQUIRE(Backoff(std::numeric_limits<int>::max(), 0.5, kLimits) == absl::Seconds(15));
}

TEST_CASE("every backoff lies between the floor and its window, in whole microseconds") {
  for (int n = -1; n <= 100; ++n) {
    for (const double jitter : {0.0, 1e-9, 0.1, 1.0 / 3, 0.77, kAlmostOne}) {
      const absl::Duration delay = Backoff(n, jitter, kLimits);
      CAPTURE(n, jitter);
      REQUIRE(delay >= kLimits.floor);
      REQUIRE(delay <= kLimits.cap);
      REQUIRE(delay % absl::Microseconds(1) == absl::ZeroDuration());
    }
  }
}

TEST_CASE("jitter from outside its range is clamped") {
  REQUIRE(Backoff(1, -3.0, kLimits) == absl::Milliseconds(5));
  REQUIRE(Backoff(1, 7.0, kLimits) == absl::Milliseconds(50));
  REQUIRE(Backoff(1, std::numeric_limits<double>::quiet_NaN(), kLimits) == absl::Milliseconds(5));
}

}  // namespace
}  // namespace seatsaga
