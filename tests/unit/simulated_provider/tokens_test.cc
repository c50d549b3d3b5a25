// What each token of the simulated provider makes of a charge.
#include <catch2/catch.hpp>

#include "tests/unit/payment_svc/world.h"

using namespace seatsaga;
using namespace seatsaga::payment;
using saga::v1::OUTCOME_IN_PROGRESS;
using saga::v1::OUTCOME_REFUSED;
using saga::v1::OUTCOME_SUCCEEDED;

TEST_CASE("payment tokens: some approve at once") {
  PaymentWorld world;
  for (const auto* token :
       {"tok_visa", "tok_mastercard", "tok_amex", "tok_approve", "tok_approve_me", "tok_slow_0",
        "tok_flaky_0", "tok_refund_flaky_2", "tok_refund_refused"}) {
    CAPTURE(token);
    CHECK(world.Do(world.Charge(world.NewSaga(), token)).outcome() == OUTCOME_SUCCEEDED);
  }
  CHECK(world.Balance("provider") == world.HeldByProvider());
}

TEST_CASE("payment tokens: some decline, each with its reason, and a replay declines again") {
  PaymentWorld world;
  const std::vector<std::pair<std::string, std::string>> table{
      {"tok_declined", "PAYMENT_DECLINED"},        {"tok_insufficient_funds", "INSUFFICIENT_FUNDS"},
      {"tok_expired_card", "CARD_EXPIRED"},        {"tok_unheard_of", "INVALID_PAYMENT_TOKEN"},
      {"tok_slow_60001", "INVALID_PAYMENT_TOKEN"}, {"tok_slow_-1", "INVALID_PAYMENT_TOKEN"},
      {"tok_slow_", "INVALID_PAYMENT_TOKEN"},      {"tok_flaky_1x", "INVALID_PAYMENT_TOKEN"},
      {"tok_flaky_1001", "INVALID_PAYMENT_TOKEN"}, {"4242-4242-4242-4242", "INVALID_PAYMENT_TOKEN"},
  };
  for (const auto& [token, reason] : table) {
    CAPTURE(token);
    const Id saga = world.NewSaga();
    for (int i = 0; i < 2; ++i) {
      const CommandResult result = world.Do(world.Charge(saga, token));
      CHECK(result.outcome() == OUTCOME_REFUSED);
      CHECK(result.reason() == reason);
      CHECK_FALSE(result.message().empty());
    }
    CHECK(world.StateOf(saga) == v1::PAYMENT_STATE_DECLINED);
    CHECK(world.Do(world.Refund(saga)).outcome() == OUTCOME_SUCCEEDED);
    CHECK(world.StateOf(saga) == v1::PAYMENT_STATE_DECLINED);
  }
  CHECK(world.Balance("provider") == 0);
  CHECK(world.HeldByProvider() == 0);
}

TEST_CASE("payment tokens: a sealed token that cannot be opened declines the charge for good") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  PaymentCommand charge = world.Charge(saga, "tok_visa");
  charge.sealed_token = world.sealer().Seal("tok_visa", world.NewSaga());
  CHECK(world.Do(charge).reason() == "PAYMENT_TOKEN_UNREADABLE");
  CHECK(world.TimesAsked(GatewayOperation::kCharge) == 0);
}

TEST_CASE("payment tokens: a slow charge holds its call for the long poll only, and then goes on") {
  PaymentWorld world({.long_poll = absl::Milliseconds(100)});
  const Id slow = world.NewSaga();
  const Id quick = world.NewSaga();
  const absl::Time start = world.now;
  const auto answer =
      world.Send({world.Charge(slow, "tok_slow_400"), world.Charge(quick, "tok_visa")});
  world.Run();
  CHECK_FALSE(answer->has_value());
  CHECK(world.handler->NextWake() == start + absl::Milliseconds(100));
  world.Advance(absl::Milliseconds(100));
  REQUIRE(answer->has_value());
  CHECK((*answer)->value()[0].outcome() == OUTCOME_IN_PROGRESS);
  CHECK((*answer)->value()[1].outcome() == OUTCOME_SUCCEEDED);
  world.Advance(absl::Milliseconds(250));
  const auto again = world.Send({world.Charge(slow, "tok_slow_400")});
  world.Run();
  CHECK_FALSE(again->has_value());
  world.Advance(absl::Milliseconds(50));
  REQUIRE(again->has_value());
  CHECK((*again)->value()[0].outcome() == OUTCOME_SUCCEEDED);
  CHECK(world.TimesAsked(GatewayOperation::kCharge) == 2);
}

TEST_CASE("payment tokens: a charge whose answer never comes is looked up and found captured") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  CHECK(world.Do(world.Charge(saga, "tok_timeout_charged")).outcome() == OUTCOME_IN_PROGRESS);
  world.Advance(absl::Seconds(3));
  CHECK(world.Do(world.Charge(saga, "tok_timeout_charged")).outcome() == OUTCOME_SUCCEEDED);
  CHECK(world.asked == std::vector{GatewayOperation::kCharge, GatewayOperation::kLookup});
  CHECK(world.Balance("provider") == 4200);
  CHECK(world.HeldByProvider() == 4200);
}

TEST_CASE("payment tokens: a charge that was lost is looked up, not found, and sent again") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  CHECK(world.Do(world.Charge(saga, "tok_timeout_not_charged")).outcome() == OUTCOME_IN_PROGRESS);
  CHECK(world.HeldByProvider() == 0);
  world.Advance(absl::Seconds(3));
  CHECK(world.Do(world.Probe(saga)).outcome() == OUTCOME_SUCCEEDED);
  CHECK(world.asked == std::vector{GatewayOperation::kCharge, GatewayOperation::kLookup,
                                   GatewayOperation::kCharge});
  CHECK(world.HeldByProvider() == 4200);
}

TEST_CASE("payment tokens: transient failures are retried until the charge is approved") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  CHECK(world.Do(world.Charge(saga, "tok_flaky_4")).outcome() == OUTCOME_IN_PROGRESS);
  world.Advance(absl::Seconds(10));
  CHECK(world.Do(world.Charge(saga, "tok_flaky_4")).outcome() == OUTCOME_SUCCEEDED);
  CHECK(world.TimesAsked(GatewayOperation::kCharge) == 5);
}

TEST_CASE("payment tokens: a probe of a charge in doubt has it looked up at once") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  world.Do(world.Charge(saga, "tok_timeout_charged"));
  world.Advance(absl::Milliseconds(900));  // the provider's call has just ended, unknown
  REQUIRE(world.StateOf(saga) == v1::PAYMENT_STATE_PENDING);
  REQUIRE(world.TimesAsked(GatewayOperation::kLookup) == 0);
  const auto answer = world.Send({world.Probe(saga)});
  world.Run();
  REQUIRE(answer->has_value());
  CHECK((*answer)->value()[0].outcome() == OUTCOME_SUCCEEDED);
}

TEST_CASE("payment tokens: refunds that fail are retried until the money is back") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  world.Do(world.Charge(saga, "tok_refund_flaky_3"));
  CHECK(world.Do(world.Refund(saga)).outcome() == OUTCOME_IN_PROGRESS);
  CHECK(world.StateOf(saga) == v1::PAYMENT_STATE_REFUNDING);
  world.Advance(absl::Seconds(5));
  CHECK(world.Do(world.Refund(saga)).outcome() == OUTCOME_SUCCEEDED);
  CHECK(world.TimesAsked(GatewayOperation::kRefund) == 4);
  CHECK(world.Balance("provider") == 0);
  CHECK(world.HeldByProvider() == 0);
}

TEST_CASE(
    "payment tokens: a refused refund says so, stays open, and is asked again by a retry only") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  world.Do(world.Charge(saga, "tok_refund_refused"));
  const CommandResult refused = world.Do(world.Refund(saga));
  CHECK(refused.outcome() == OUTCOME_REFUSED);
  CHECK(refused.reason() == "REFUND_REFUSED");
  CHECK(world.StateOf(saga) == v1::PAYMENT_STATE_REFUNDING);
  CHECK(world.Get(saga)->reason == "REFUND_REFUSED");
  world.Advance(absl::Hours(1));
  world.Crash();
  world.Advance(absl::Hours(1));
  CHECK(world.TimesAsked(GatewayOperation::kRefund) == 1);
  CHECK(world.Do(world.Refund(saga)).reason() == "REFUND_REFUSED");
  CHECK(world.TimesAsked(GatewayOperation::kRefund) == 2);
  CHECK(world.Balance("provider") == 4200);
}
