// What a cancellation pays back.
#include "reservation_svc/refund.h"

#include <catch2/catch.hpp>
#include <cstdint>

#include "common/money.h"
#include "common/time_proto.h"

namespace seatsaga::reservation {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);

// All of it until a week before, 33 % until a day before.
saga::v1::EventTerms Terms() {
  saga::v1::EventTerms terms;
  *terms.mutable_start_time() = ToProto(kStart);
  auto& early = *terms.add_refund_rules();
  *early.mutable_before_start() = ToProto(absl::Hours(7 * 24));
  early.set_percent(100);
  auto& late = *terms.add_refund_rules();
  *late.mutable_before_start() = ToProto(absl::Hours(24));
  late.set_percent(33);
  return terms;
}

int64_t Refund(absl::Duration before_start, int64_t price_minor = 1000) {
  return PercentOf(price_minor, RefundPercent(Terms(), kStart - before_start));
}

TEST_CASE("refund: the first rule that it is early enough for decides, to the microsecond") {
  CHECK(Refund(absl::Hours(1000)) == 1000);
  CHECK(Refund(absl::Hours(7 * 24)) == 1000);
  CHECK(Refund(absl::Hours(7 * 24) - absl::Microseconds(1)) == 330);
  CHECK(Refund(absl::Hours(24)) == 330);
  CHECK(Refund(absl::Hours(24) - absl::Microseconds(1)) == 0);
}

TEST_CASE("refund: without rules, or without a start to count back from, everything is paid back") {
  saga::v1::EventTerms terms = Terms();
  terms.clear_refund_rules();
  CHECK(RefundPercent(terms, kStart - absl::Seconds(1)) == 100);
  CHECK(RefundPercent(saga::v1::EventTerms(), kStart) == 100);
  terms = Terms();
  terms.clear_start_time();
  CHECK(RefundPercent(terms, kStart) == 100);
}

TEST_CASE("refund: what is left of a minor unit is not paid back, whatever the price") {
  CHECK(Refund(absl::Hours(48), 0) == 0);
  CHECK(Refund(absl::Hours(48), 1) == 0);
  CHECK(Refund(absl::Hours(48), 10) == 3);
  CHECK(Refund(absl::Hours(48), 199) == 65);
  CHECK(Refund(absl::Hours(48), INT64_MAX) == 3'043'712'772'162'076'016);
  CHECK(Refund(absl::Hours(200), INT64_MAX) == INT64_MAX);
}

TEST_CASE("refund: an event has started at its start, and one without a start never") {
  CHECK_FALSE(HasStarted(Terms(), kStart - absl::Microseconds(1)));
  CHECK(HasStarted(Terms(), kStart));
  CHECK_FALSE(HasStarted(saga::v1::EventTerms(), kStart));
}

}  // namespace
}  // namespace seatsaga::reservation
