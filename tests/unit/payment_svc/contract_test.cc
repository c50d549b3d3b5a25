// The participants' contract (DESIGN §6) for ChargePayment and RefundPayment.
#include <catch2/catch.hpp>

#include "tests/unit/payment_svc/world.h"

using namespace seatsaga;
using namespace seatsaga::payment;
using saga::v1::OUTCOME_INVALID;
using saga::v1::OUTCOME_NOT_FOUND;
using saga::v1::OUTCOME_REFUSED;
using saga::v1::OUTCOME_SUCCEEDED;

TEST_CASE("payment: a charge moves the money once and a replay says so again") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  for (int i = 0; i < 3; ++i) {
    const CommandResult result = world.Do(world.Charge(saga, "tok_visa"));
    CHECK(result.outcome() == OUTCOME_SUCCEEDED);
    CHECK(result.amount().amount_minor() == 4200);
    CHECK(result.amount().currency() == "EUR");
  }
  CHECK(world.asked == std::vector{GatewayOperation::kCharge});
  CHECK(world.StateOf(saga) == v1::PAYMENT_STATE_CAPTURED);
  CHECK(world.Get(saga)->provider_reference.starts_with("sim_"));
  CHECK(world.Balance("provider") == 4200);
  CHECK(world.Balance("customers") == -4200);
}

TEST_CASE("payment: the same commands twice in one batch have one effect") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  const auto answer = world.Send({world.Charge(saga, "tok_visa"), world.Charge(saga, "tok_visa")});
  const auto other = world.Send({world.Charge(saga, "tok_visa")});
  world.Run();
  CHECK((*answer)->value()[0].outcome() == OUTCOME_SUCCEEDED);
  CHECK((*answer)->value()[1].outcome() == OUTCOME_SUCCEEDED);
  CHECK((*other)->value()[0].outcome() == OUTCOME_SUCCEEDED);
  CHECK(world.TimesAsked(GatewayOperation::kCharge) == 1);
}

TEST_CASE("payment: a charge that comes again with another body is invalid and moves nothing") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  world.Do(world.Charge(saga, "tok_visa", 4200));
  const CommandResult result = world.Do(world.Charge(saga, "tok_visa", 4300));
  CHECK(result.outcome() == OUTCOME_INVALID);
  CHECK(result.reason() == "IDEMPOTENCY_KEY_REUSED");
  CHECK(world.Balance("provider") == 4200);
  CHECK(world.TimesAsked(GatewayOperation::kCharge) == 1);
}

TEST_CASE("payment: a refund gives the money back once") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  world.Do(world.Charge(saga, "tok_visa"));
  for (int i = 0; i < 3; ++i) {
    const CommandResult result = world.Do(world.Refund(saga));
    CHECK(result.outcome() == OUTCOME_SUCCEEDED);
    CHECK(result.amount().amount_minor() == 4200);
  }
  CHECK(world.TimesAsked(GatewayOperation::kRefund) == 1);
  CHECK(world.StateOf(saga) == v1::PAYMENT_STATE_REFUNDED);
  CHECK(world.Balance("provider") == 0);
  CHECK(world.Balance("customers") == 0);
  CHECK(world.HeldByProvider() == 0);
}

TEST_CASE("payment: a refund without its charge succeeds, and blocks the charge that comes late") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  CHECK(world.Do(world.Refund(saga)).outcome() == OUTCOME_SUCCEEDED);
  const CommandResult late = world.Do(world.Charge(saga, "tok_visa"));
  CHECK(late.outcome() == OUTCOME_REFUSED);
  CHECK(late.reason() == "LATE_ACTION");
  CHECK(world.Do(world.Refund(saga)).outcome() == OUTCOME_SUCCEEDED);
  CHECK(world.asked.empty());
  CHECK_FALSE(world.Get(saga).has_value());
}

TEST_CASE("payment: a refund before its charge in one batch blocks it too") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  const auto answer = world.Send({world.Refund(saga), world.Charge(saga, "tok_visa")});
  world.Run();
  CHECK((*answer)->value()[0].outcome() == OUTCOME_SUCCEEDED);
  CHECK((*answer)->value()[1].reason() == "LATE_ACTION");
  CHECK(world.asked.empty());
}

TEST_CASE("payment: an older orchestrator is refused and has no effect") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  const Id charged = world.NewSaga();
  world.Do(world.Charge(charged, "tok_visa"));
  for (PaymentCommand command :
       {world.Charge(saga, "tok_visa"), world.Refund(charged), world.Probe(charged)}) {
    command.key.fencing_token = 6;
    const CommandResult result = world.Do(std::move(command));
    CHECK(result.outcome() == OUTCOME_REFUSED);
    CHECK(result.reason() == "STALE_FENCING_TOKEN");
  }
  CHECK_FALSE(world.Get(saga).has_value());
  CHECK(world.StateOf(charged) == v1::PAYMENT_STATE_CAPTURED);
}

TEST_CASE("payment: a saga has one payment, and a second charging step is refused") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  world.Do(world.Charge(saga, "tok_visa"));
  PaymentCommand second = world.Charge(saga, "tok_visa");
  PaymentCommand undo = world.Refund(saga);
  second.key.step = undo.key.step = "charge_more";
  CHECK(world.Do(second).reason() == "PAYMENT_ALREADY_EXISTS");
  CHECK(world.Do(undo).outcome() == OUTCOME_SUCCEEDED);
  CHECK(world.StateOf(saga) == v1::PAYMENT_STATE_CAPTURED);
}

TEST_CASE("payment: a probe tells what became of a charge and has no effect") {
  PaymentWorld world;
  const Id captured = world.NewSaga();
  const Id declined = world.NewSaga();
  const Id undone = world.NewSaga();
  const Id never = world.NewSaga();
  const Id blocked = world.NewSaga();
  world.Do(world.Charge(captured, "tok_visa"));
  world.Do(world.Charge(declined, "tok_declined"));
  world.Do(world.Charge(undone, "tok_visa"));
  world.Do(world.Refund(undone));
  world.Do(world.Refund(blocked));
  const auto answer = world.Send({world.Probe(captured), world.Probe(declined), world.Probe(undone),
                                  world.Probe(never), world.Probe(blocked)});
  world.Run();
  const CommandResults& results = (*answer)->value();
  CHECK(results[0].amount().amount_minor() == 4200);
  CHECK(results[1].reason() == "PAYMENT_DECLINED");
  CHECK(results[2].reason() == "LATE_ACTION");
  CHECK(results[3].outcome() == OUTCOME_NOT_FOUND);
  CHECK(results[4].reason() == "LATE_ACTION");
  CHECK(world.Do(world.Charge(never, "tok_visa")).outcome() == OUTCOME_SUCCEEDED);
}

TEST_CASE("payment: a charge of nothing is captured without the provider, and refunded so") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  CHECK(world.Do(world.Charge(saga, "tok_declined", 0)).outcome() == OUTCOME_SUCCEEDED);
  CHECK(world.StateOf(saga) == v1::PAYMENT_STATE_CAPTURED);
  CHECK(world.Do(world.Refund(saga)).outcome() == OUTCOME_SUCCEEDED);
  CHECK(world.StateOf(saga) == v1::PAYMENT_STATE_REFUNDED);
  CHECK(world.asked.empty());
}
