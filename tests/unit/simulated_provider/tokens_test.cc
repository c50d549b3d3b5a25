// What each token of the simulated provider makes of a charge.
#include <catch2/catch.hpp>

#include "tests/unit/payment_svc/payments.h"

using namespace seatsaga;
using namespace seatsaga::payment;
using saga::v1::OUTCOME_IN_PROGRESS;
using saga::v1::OUTCOME_REFUSED;
using saga::v1::OUTCOME_SUCCEEDED;

TEST_CASE("payment tokens: some approve at once") {
  Payments payments(Engine::kModel);
  for (const auto* token :
       {"tok_visa", "tok_mastercard", "tok_amex", "tok_approve", "tok_approve_me", "tok_slow_0",
        "tok_flaky_0", "tok_refund_flaky_2", "tok_refund_refused"}) {
    CAPTURE(token);
    CHECK(payments.Do(payments.Charge(payments.NewSaga(), token)).outcome() == OUTCOME_SUCCEEDED);
  }
  CHECK(payments.Balance("provider") == payments.HeldByProvider());
}

TEST_CASE("payment tokens: some decline, each with its reason, and a replay declines again") {
  Payments payments(Engine::kModel);
  const std::vector<std::pair<std::string, std::string>> table{
      {"tok_declined", "PAYMENT_DECLINED"},        {"tok_insufficient_funds", "INSUFFICIENT_FUNDS"},
      {"tok_expired_card", "CARD_EXPIRED"},        {"tok_unheard_of", "INVALID_PAYMENT_TOKEN"},
      {"tok_slow_60001", "INVALID_PAYMENT_TOKEN"}, {"tok_slow_-1", "INVALID_PAYMENT_TOKEN"},
      {"tok_slow_", "INVALID_PAYMENT_TOKEN"},      {"tok_flaky_1x", "INVALID_PAYMENT_TOKEN"},
      {"tok_flaky_1001", "INVALID_PAYMENT_TOKEN"}, {"4242-4242-4242-4242", "INVALID_PAYMENT_TOKEN"},
  };
  for (const auto& [token, reason] : table) {
    CAPTURE(token);
    const Id saga = payments.NewSaga();
    for (int i = 0; i < 2; ++i) {
      const CommandResult result = payments.Do(payments.Charge(saga, token));
      CHECK(result.outcome() == OUTCOME_REFUSED);
      CHECK(result.reason() == reason);
      CHECK_FALSE(result.message().empty());
    }
    CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_DECLINED);
    CHECK(payments.Do(payments.Refund(saga)).outcome() == OUTCOME_SUCCEEDED);
    CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_DECLINED);
  }
  CHECK(payments.Balance("provider") == 0);
  CHECK(payments.HeldByProvider() == 0);
}

TEST_CASE("payment tokens: a sealed token that cannot be opened declines the charge for good") {
  Payments payments(Engine::kModel);
  const Id saga = payments.NewSaga();
  v1::PaymentCommand charge = payments.Charge(saga, "tok_visa");
  charge.mutable_charge_payment()->set_sealed_payment_token(
      payments.sealer.Seal("tok_visa", payments.NewSaga())->bytes);
  CHECK(payments.Do(charge).reason() == "PAYMENT_TOKEN_UNREADABLE");
  CHECK(payments.TimesAsked(GatewayOperation::kCharge) == 0);
}

TEST_CASE("payment tokens: a slow charge holds its call for the long poll only, and then goes on") {
  Payments payments(Engine::kModel, {.long_poll = absl::Milliseconds(100)});
  const Id slow = payments.NewSaga();
  const Id quick = payments.NewSaga();
  const auto answer =
      payments.Send({payments.Charge(slow, "tok_slow_400"), payments.Charge(quick, "tok_visa")});
  payments.world.Run();
  CHECK_FALSE(answer.answered());
  payments.world.Advance(absl::Milliseconds(100) - absl::Microseconds(1));
  CHECK_FALSE(answer.answered());
  payments.world.Advance(absl::Microseconds(1));
  REQUIRE(answer.answered());
  CHECK((*answer)->results(0).outcome() == OUTCOME_IN_PROGRESS);
  CHECK((*answer)->results(1).outcome() == OUTCOME_SUCCEEDED);
  payments.world.Advance(absl::Milliseconds(250));
  const auto again = payments.Send({payments.Charge(slow, "tok_slow_400")});
  payments.world.Run();
  CHECK_FALSE(again.answered());
  payments.world.Advance(absl::Milliseconds(50));
  REQUIRE(again.answered());
  CHECK((*again)->results(0).outcome() == OUTCOME_SUCCEEDED);
  CHECK(payments.TimesAsked(GatewayOperation::kCharge) == 2);
}

TEST_CASE("payment tokens: a charge whose answer never comes is looked up and found captured") {
  Payments payments(Engine::kModel);
  const Id saga = payments.NewSaga();
  CHECK(payments.Do(payments.Charge(saga, "tok_timeout_charged")).outcome() == OUTCOME_IN_PROGRESS);
  payments.world.Advance(absl::Seconds(3));
  CHECK(payments.Do(payments.Charge(saga, "tok_timeout_charged")).outcome() == OUTCOME_SUCCEEDED);
  CHECK(payments.asked() == std::vector{GatewayOperation::kCharge, GatewayOperation::kLookup});
  CHECK(payments.Balance("provider") == 4200);
  CHECK(payments.HeldByProvider() == 4200);
}

TEST_CASE("payment tokens: a charge that was lost is looked up, not found, and sent again") {
  Payments payments(Engine::kModel);
  const Id saga = payments.NewSaga();
  CHECK(payments.Do(payments.Charge(saga, "tok_timeout_not_charged")).outcome() ==
        OUTCOME_IN_PROGRESS);
  CHECK(payments.HeldByProvider() == 0);
  payments.world.Advance(absl::Seconds(3));
  CHECK(payments.Do(payments.Probe(saga)).outcome() == OUTCOME_SUCCEEDED);
  CHECK(payments.asked() == std::vector{GatewayOperation::kCharge, GatewayOperation::kLookup,
                                        GatewayOperation::kCharge});
  CHECK(payments.HeldByProvider() == 4200);
}

TEST_CASE("payment tokens: transient failures are retried until the charge is approved") {
  Payments payments(Engine::kModel);
  const Id saga = payments.NewSaga();
  CHECK(payments.Do(payments.Charge(saga, "tok_flaky_4")).outcome() == OUTCOME_IN_PROGRESS);
  payments.world.Advance(absl::Seconds(10));
  CHECK(payments.Do(payments.Charge(saga, "tok_flaky_4")).outcome() == OUTCOME_SUCCEEDED);
  CHECK(payments.TimesAsked(GatewayOperation::kCharge) == 5);
}

TEST_CASE("payment tokens: a probe of a charge in doubt has it looked up at once") {
  Payments payments(Engine::kModel);
  const Id saga = payments.NewSaga();
  payments.Do(payments.Charge(saga, "tok_timeout_charged"));
  payments.world.Advance(absl::Milliseconds(900));  // the provider's call has just ended, unknown
  REQUIRE(payments.StateOf(saga) == v1::PAYMENT_STATE_PENDING);
  REQUIRE(payments.TimesAsked(GatewayOperation::kLookup) == 0);
  const auto answer = payments.Send({payments.Probe(saga)});
  payments.world.Run();
  REQUIRE(answer.answered());
  CHECK((*answer)->results(0).outcome() == OUTCOME_SUCCEEDED);
}

TEST_CASE("payment tokens: refunds that fail are retried until the money is back") {
  Payments payments(Engine::kModel);
  const Id saga = payments.NewSaga();
  payments.Do(payments.Charge(saga, "tok_refund_flaky_3"));
  CHECK(payments.Do(payments.Refund(saga)).outcome() == OUTCOME_IN_PROGRESS);
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_REFUNDING);
  payments.world.Advance(absl::Seconds(5));
  CHECK(payments.Do(payments.Refund(saga)).outcome() == OUTCOME_SUCCEEDED);
  CHECK(payments.TimesAsked(GatewayOperation::kRefund) == 4);
  CHECK(payments.Balance("provider") == 0);
  CHECK(payments.HeldByProvider() == 0);
}

TEST_CASE(
    "payment tokens: a refused refund says so, stays open, and is asked again by a retry only") {
  Payments payments(Engine::kModel);
  const Id saga = payments.NewSaga();
  payments.Do(payments.Charge(saga, "tok_refund_refused"));
  const CommandResult refused = payments.Do(payments.Refund(saga));
  CHECK(refused.outcome() == OUTCOME_REFUSED);
  CHECK(refused.reason() == "REFUND_REFUSED");
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_REFUNDING);
  CHECK(payments.Get(saga)->reason() == "REFUND_REFUSED");
  payments.world.Advance(absl::Hours(1));
  payments.Crash();
  payments.world.Advance(absl::Hours(1));
  CHECK(payments.TimesAsked(GatewayOperation::kRefund) == 1);
  CHECK(payments.Do(payments.Refund(saga)).reason() == "REFUND_REFUSED");
  CHECK(payments.TimesAsked(GatewayOperation::kRefund) == 2);
  CHECK(payments.Balance("provider") == 4200);
}

TEST_CASE("payment tokens: a retry of a refused refund asks for the same part again") {
  Payments payments(Engine::kSqlite);
  const Id saga = payments.NewSaga();
  payments.Do(payments.Charge(saga, "tok_refund_refused"));
  CHECK(payments.Do(Payments::RefundPart(saga, 1000)).reason() == "REFUND_REFUSED");
  payments.Crash();
  CHECK(payments.Do(Payments::RefundPart(saga, 1000)).reason() == "REFUND_REFUSED");
  CHECK(payments.tap.refunds == std::vector<int64_t>{1000, 1000});
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_REFUNDING);
  CHECK(payments.Balance("provider") == 4200);
}
