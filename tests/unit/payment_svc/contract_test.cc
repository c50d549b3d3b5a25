// The participants' contract (docs/participant-contract.md) for ChargePayment and RefundPayment.
#include <catch2/catch.hpp>

#include "api/saga.h"
#include "tests/unit/payment_svc/payments.h"

using namespace seatsaga;
using namespace seatsaga::payment;
using saga::v1::OUTCOME_INVALID;
using saga::v1::OUTCOME_NOT_FOUND;
using saga::v1::OUTCOME_REFUSED;
using saga::v1::OUTCOME_SUCCEEDED;

namespace {

Engine Any() { return GENERATE(Engine::kModel, Engine::kSqlite); }

}  // namespace

TEST_CASE("payment: a charge moves the money once and a replay says so again") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  for (int i = 0; i < 3; ++i) {
    const CommandResult result = payments.Do(payments.Charge(saga, "tok_visa"));
    CHECK(result.outcome() == OUTCOME_SUCCEEDED);
    CHECK(result.result().amount().amount_minor() == 4200);
    CHECK(result.result().amount().currency() == "EUR");
    CHECK(result.result().provider_reference().starts_with("sim_"));
  }
  CHECK(payments.asked() == std::vector{GatewayOperation::kCharge});
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_CAPTURED);
  CHECK(payments.Get(saga)->provider_reference().starts_with("sim_"));
  CHECK(payments.Balance("provider") == 4200);
  CHECK(payments.Balance("customers") == -4200);
}

TEST_CASE("payment: the same commands twice in one batch have one effect") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  const auto answer =
      payments.Send({payments.Charge(saga, "tok_visa"), payments.Charge(saga, "tok_visa")});
  const auto other = payments.Send({payments.Charge(saga, "tok_visa")});
  payments.world.Run();
  CHECK((*answer)->results(0).outcome() == OUTCOME_SUCCEEDED);
  CHECK((*answer)->results(1).outcome() == OUTCOME_SUCCEEDED);
  CHECK((*other)->results(0).outcome() == OUTCOME_SUCCEEDED);
  CHECK(payments.TimesAsked(GatewayOperation::kCharge) == 1);
}

TEST_CASE("payment: a charge that comes again with another body is invalid and moves nothing") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  payments.Do(payments.Charge(saga, "tok_visa", 4200));
  const CommandResult result = payments.Do(payments.Charge(saga, "tok_visa", 4300));
  CHECK(result.outcome() == OUTCOME_INVALID);
  CHECK(result.reason() == "IDEMPOTENCY_KEY_REUSED");
  CHECK(payments.Balance("provider") == 4200);
  CHECK(payments.TimesAsked(GatewayOperation::kCharge) == 1);
}

TEST_CASE("payment: a refund gives the money back once") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  payments.Do(payments.Charge(saga, "tok_visa"));
  for (int i = 0; i < 3; ++i) {
    const CommandResult result = payments.Do(payments.Refund(saga));
    CHECK(result.outcome() == OUTCOME_SUCCEEDED);
    CHECK(result.result().amount().amount_minor() == 4200);
  }
  CHECK(payments.TimesAsked(GatewayOperation::kRefund) == 1);
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_REFUNDED);
  CHECK(payments.Balance("provider") == 0);
  CHECK(payments.Balance("customers") == 0);
  CHECK(payments.HeldByProvider() == 0);
}

TEST_CASE("payment: a refund of a part gives that part back once, and the rest stays ours") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  payments.Do(payments.Charge(saga, "tok_visa"));
  for (int i = 0; i < 3; ++i) {
    const CommandResult result = payments.Do(Payments::RefundPart(saga, 1000));
    CHECK(result.outcome() == OUTCOME_SUCCEEDED);
    CHECK(result.result().amount().amount_minor() == 1000);
    CHECK(result.result().amount().currency() == "EUR");
    payments.Crash();
  }
  CHECK(payments.TimesAsked(GatewayOperation::kRefund) == 1);
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_PARTIALLY_REFUNDED);
  CHECK(payments.Balance("provider") == 3200);
  CHECK(payments.Balance("customers") == -3200);
  CHECK(payments.HeldByProvider() == 3200);
  CHECK(payments.Do(payments.Charge(saga, "tok_visa")).reason() == "LATE_ACTION");
  CHECK(payments.Do(Payments::Probe(saga)).reason() == "LATE_ACTION");
}

TEST_CASE("payment: a refund whose part is all of the charge ends as one of everything") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  payments.Do(payments.Charge(saga, "tok_visa"));
  CHECK(payments.Do(Payments::RefundPart(saga, 4200)).outcome() == OUTCOME_SUCCEEDED);
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_REFUNDED);
  CHECK(payments.HeldByProvider() == 0);
}

TEST_CASE("payment: a refund of nothing succeeds, and the charge stays captured") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  payments.Do(payments.Charge(saga, "tok_visa"));
  for (int i = 0; i < 2; ++i) {
    const CommandResult result = payments.Do(Payments::RefundPart(saga, 0));
    CHECK(result.outcome() == OUTCOME_SUCCEEDED);
    CHECK_FALSE(result.has_result());
    payments.Crash();
  }
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_CAPTURED);
  CHECK(payments.TimesAsked(GatewayOperation::kRefund) == 0);
  CHECK(payments.Balance("provider") == 4200);
}

TEST_CASE("payment: a refund of more than the charge, or of other money, changes nothing") {
  Payments payments(Any());
  const auto [amount_minor, currency, reason] = GENERATE(table<int64_t, const char*, const char*>({
      {4201, "EUR", "REFUND_EXCEEDS_CHARGE"},
      {1000, "USD", "REFUND_CURRENCY_MISMATCH"},
  }));
  const bool pending = GENERATE(false, true);
  const Id saga = payments.NewSaga();
  payments.Do(payments.Charge(saga, pending ? "tok_slow_5000" : "tok_visa"));
  for (int i = 0; i < 2; ++i) {
    const CommandResult result = payments.Do(Payments::RefundPart(saga, amount_minor, 1, currency));
    CHECK(result.outcome() == OUTCOME_REFUSED);
    CHECK(result.reason() == reason);
    CHECK_FALSE(result.message().empty());
  }
  payments.world.Advance(absl::Seconds(10));
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_CAPTURED);
  CHECK(payments.TimesAsked(GatewayOperation::kRefund) == 0);
  CHECK(payments.Balance("provider") == 4200);
}

TEST_CASE("payment: a refund that comes again with another amount is invalid and moves nothing") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  payments.Do(payments.Charge(saga, "tok_visa"));
  payments.Do(Payments::RefundPart(saga, 1000));
  for (const v1::PaymentCommand& other :
       {Payments::RefundPart(saga, 1001), Payments::RefundPart(saga, 1000, 1, "USD"),
        Payments::Refund(saga)}) {
    const CommandResult result = payments.Do(other);
    CHECK(result.outcome() == OUTCOME_INVALID);
    CHECK(result.reason() == "IDEMPOTENCY_KEY_REUSED");
  }
  CHECK(payments.HeldByProvider() == 3200);
}

TEST_CASE("payment: a refund without its charge succeeds, and blocks the charge that comes late") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  CHECK(payments.Do(payments.Refund(saga)).outcome() == OUTCOME_SUCCEEDED);
  const CommandResult late = payments.Do(payments.Charge(saga, "tok_visa"));
  CHECK(late.outcome() == OUTCOME_REFUSED);
  CHECK(late.reason() == "LATE_ACTION");
  CHECK(payments.Do(payments.Refund(saga)).outcome() == OUTCOME_SUCCEEDED);
  CHECK(payments.asked().empty());
  CHECK_FALSE(payments.Get(saga).has_value());
}

TEST_CASE("payment: a refund before its charge in one batch blocks it too") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  const auto answer = payments.Send({payments.Refund(saga), payments.Charge(saga, "tok_visa")});
  payments.world.Run();
  CHECK((*answer)->results(0).outcome() == OUTCOME_SUCCEEDED);
  CHECK((*answer)->results(1).reason() == "LATE_ACTION");
  CHECK(payments.asked().empty());
}

TEST_CASE("payment: an older orchestrator is refused and has no effect") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  const Id charged = payments.NewSaga();
  payments.Do(payments.Charge(charged, "tok_visa"));
  saga::v1::TakePartitionsRequest take;
  take.add_held()->set_last(255);
  take.mutable_token()->set_epoch(7);
  take.mutable_token()->set_holder(std::string(16, 'h'));
  take.set_store_id(payments.NewSaga().ToString());
  take.set_store_counter(1);
  REQUIRE(payments.world.CallNow("payment_svc", saga::kTakePartitions, take).ok());
  const auto is_refused = [&] {
    for (const v1::PaymentCommand& command :
         {payments.Charge(saga, "tok_visa"), Payments::Refund(charged), Payments::Probe(charged)}) {
      const CommandResult result = payments.Do(command);
      CHECK(result.outcome() == OUTCOME_REFUSED);
      CHECK(result.reason() == "STALE_FENCING_TOKEN");
    }
  };
  is_refused();
  payments.Crash();
  is_refused();
  CHECK_FALSE(payments.Get(saga).has_value());
  CHECK(payments.StateOf(charged) == v1::PAYMENT_STATE_CAPTURED);
}

TEST_CASE("payment: a saga has one payment, and a second charging step is refused") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  payments.Do(payments.Charge(saga, "tok_visa"));
  v1::PaymentCommand second = payments.Charge(saga, "tok_visa");
  v1::PaymentCommand undo = payments.Refund(saga);
  second.mutable_charge_payment()->mutable_key()->set_step("charge_more");
  undo.mutable_refund_payment()->mutable_key()->set_step("charge_more");
  CHECK(payments.Do(second).reason() == "PAYMENT_ALREADY_EXISTS");
  CHECK(payments.Do(undo).outcome() == OUTCOME_SUCCEEDED);
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_CAPTURED);
}

TEST_CASE("payment: a probe tells what became of a charge and has no effect") {
  Payments payments(Any());
  const Id captured = payments.NewSaga();
  const Id declined = payments.NewSaga();
  const Id undone = payments.NewSaga();
  const Id never = payments.NewSaga();
  const Id blocked = payments.NewSaga();
  payments.Do(payments.Charge(captured, "tok_visa"));
  payments.Do(payments.Charge(declined, "tok_declined"));
  payments.Do(payments.Charge(undone, "tok_visa"));
  payments.Do(payments.Refund(undone));
  payments.Do(payments.Refund(blocked));
  const auto answer =
      payments.Send({payments.Probe(captured), payments.Probe(declined), payments.Probe(undone),
                     payments.Probe(never), payments.Probe(blocked)});
  payments.world.Run();
  const auto& results = (*answer)->results();
  CHECK(results[0].result().amount().amount_minor() == 4200);
  CHECK(results[1].reason() == "PAYMENT_DECLINED");
  CHECK(results[2].reason() == "LATE_ACTION");
  CHECK(results[3].outcome() == OUTCOME_NOT_FOUND);
  CHECK(results[4].reason() == "LATE_ACTION");
  CHECK(payments.Do(payments.Charge(never, "tok_visa")).outcome() == OUTCOME_SUCCEEDED);
}

TEST_CASE("payment: a charge of nothing is captured without the provider, and refunded so") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  CHECK(payments.Do(payments.Charge(saga, "tok_declined", 0)).outcome() == OUTCOME_SUCCEEDED);
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_CAPTURED);
  CHECK(payments.Do(payments.Refund(saga)).outcome() == OUTCOME_SUCCEEDED);
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_REFUNDED);
  CHECK(payments.asked().empty());
}
