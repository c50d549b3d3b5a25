// A saga that comes back to its charging step charges again.
#include <catch2/catch.hpp>

#include "common/store/model.h"
#include "common/text.h"
#include "tests/unit/payment_svc/payments.h"

using namespace seatsaga;
using namespace seatsaga::payment;
using saga::v1::OUTCOME_IN_PROGRESS;
using saga::v1::OUTCOME_NOT_FOUND;
using saga::v1::OUTCOME_REFUSED;
using saga::v1::OUTCOME_SUCCEEDED;

namespace {

Engine Any() { return GENERATE(Engine::kModel, Engine::kSqlite); }

}  // namespace

TEST_CASE("payment rounds: each charges and refunds once, under keys of its own") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  for (const int32_t round : {1, 2, 7}) {
    const int64_t amount = 1000 * round;
    CHECK(payments.Do(payments.Charge(saga, "tok_visa", amount, round)).outcome() ==
          OUTCOME_SUCCEEDED);
    CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_CAPTURED);
    CHECK(payments.Balance("provider") == amount);
    CHECK(payments.HeldByProvider() == amount);
    payments.Crash();
    const CommandResult refund = payments.Do(Payments::Refund(saga, round));
    CHECK(refund.result().amount().amount_minor() == amount);
    CHECK(payments.Balance("provider") == 0);
    CHECK(payments.HeldByProvider() == 0);
  }
  std::vector<std::string> keys;
  for (const Tap::Arrival& arrival : payments.tap.arrivals) {
    if (arrival.operation == GatewayOperation::kCharge) keys.push_back(arrival.key);
  }
  const std::string first = Cat(saga.ToString(), "/charge_payment/action");
  CHECK(keys == std::vector{first, Cat(first, "/2"), Cat(first, "/7")});
}

TEST_CASE("payment rounds: commands of an earlier one are answered as before") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  payments.Do(payments.Charge(saga, "tok_insufficient_funds", 4200, 1));
  payments.Do(payments.Charge(saga, "tok_visa", 4200, 2));
  payments.Do(Payments::Refund(saga, 2));
  payments.Do(payments.Charge(saga, "tok_visa", 4300, 3));
  payments.Crash();
  for (int i = 0; i < 2; ++i) {
    CHECK(payments.Do(payments.Charge(saga, "tok_insufficient_funds", 4200, 1)).reason() ==
          "INSUFFICIENT_FUNDS");
    CHECK(payments.Do(Payments::Probe(saga, 1)).reason() == "INSUFFICIENT_FUNDS");
    CHECK(payments.Do(payments.Charge(saga, "tok_visa", 4200, 2)).reason() == "LATE_ACTION");
    CHECK(payments.Do(Payments::Probe(saga, 2)).reason() == "LATE_ACTION");
    const CommandResult refund = payments.Do(Payments::Refund(saga, 2));
    CHECK(refund.outcome() == OUTCOME_SUCCEEDED);
    CHECK(refund.result().amount().amount_minor() == 4200);
    CHECK(payments.Do(Payments::Probe(saga, 3)).outcome() == OUTCOME_SUCCEEDED);
    CHECK(payments.Do(Payments::Probe(saga, 4)).outcome() == OUTCOME_NOT_FOUND);
  }
  // One that never came before finds that nothing of its round is left.
  CHECK(payments.Do(Payments::Refund(saga, 1)).outcome() == OUTCOME_SUCCEEDED);
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_CAPTURED);
  CHECK(payments.Balance("provider") == 4300);
  CHECK(payments.HeldByProvider() == 4300);
}

TEST_CASE("payment rounds: a later one is refused while money of an earlier one may be ours") {
  Payments payments(Any());
  const Id captured = payments.NewSaga();
  const Id pending = payments.NewSaga();
  payments.Do(payments.Charge(captured, "tok_visa"));
  payments.Do(payments.Charge(pending, "tok_slow_5000"));
  for (const Id& saga : {captured, pending}) {
    const CommandResult result = payments.Do(payments.Charge(saga, "tok_visa", 4200, 2));
    CHECK(result.outcome() == OUTCOME_REFUSED);
    CHECK(result.reason() == "PAYMENT_ALREADY_EXISTS");
    CHECK(payments.Do(Payments::Probe(saga, 2)).reason() == "PAYMENT_ALREADY_EXISTS");
  }
  // The refund of a later round closes the earlier ones too.
  CHECK(payments.Do(Payments::Refund(captured, 2)).outcome() == OUTCOME_SUCCEEDED);
  CHECK(payments.StateOf(captured) == v1::PAYMENT_STATE_REFUNDED);
  CHECK(payments.HeldByProvider() == 4200);  // of the other
}

TEST_CASE(
    "payment rounds: what is left of an earlier one after a partial refund blocks a later one") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  payments.Do(payments.Charge(saga, "tok_visa"));
  payments.Do(Payments::RefundPart(saga, 1000));
  CHECK(payments.Do(payments.Charge(saga, "tok_visa", 4200, 2)).reason() ==
        "PAYMENT_ALREADY_EXISTS");
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_PARTIALLY_REFUNDED);
  CHECK(payments.HeldByProvider() == 3200);
}

TEST_CASE("payment rounds: the refund of a later one pays back what an earlier one left") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  payments.Do(payments.Charge(saga, "tok_visa"));
  payments.Do(Payments::RefundPart(saga, 1000, 1));
  for (int i = 0; i < 2; ++i) {
    const CommandResult more = payments.Do(Payments::RefundPart(saga, 3201, 2));
    CHECK(more.outcome() == OUTCOME_REFUSED);
    CHECK(more.reason() == "REFUND_EXCEEDS_CHARGE");
    CHECK(payments.Do(Payments::Refund(saga, 3)).outcome() == OUTCOME_SUCCEEDED);
  }
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_REFUNDED);
  CHECK(payments.TimesAsked(GatewayOperation::kRefund) == 2);
  CHECK(payments.HeldByProvider() == 0);
}

TEST_CASE("payment rounds: the next one begins without what the one before was to pay back") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  payments.tap.hold_calls = true;
  payments.Send({payments.Charge(saga, "tok_visa")});
  payments.world.Run();
  payments.Send({Payments::RefundPart(saga, 1000)});
  payments.world.Run();
  payments.tap.calls.erase(payments.tap.calls.begin());  // the charge; then it is cancelled
  payments.tap.LetGoOfAll();
  payments.world.Run();
  REQUIRE(payments.StateOf(saga) == v1::PAYMENT_STATE_CANCELLED);
  payments.Do(payments.Charge(saga, "tok_visa", 700, 2));
  payments.Crash();
  CHECK(payments.Do(Payments::Refund(saga, 2)).outcome() == OUTCOME_SUCCEEDED);
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_REFUNDED);
  CHECK(payments.HeldByProvider() == 0);
}

TEST_CASE("payment rounds: an earlier one that comes late is refused") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  payments.Do(payments.Charge(saga, "tok_declined", 4200, 2));
  CHECK(payments.Do(payments.Charge(saga, "tok_visa", 4200, 1)).reason() ==
        "PAYMENT_ALREADY_EXISTS");
  CHECK(payments.HeldByProvider() == 0);
}

TEST_CASE("payment rounds: another step is refused even when nothing of the payment is left") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  payments.Do(payments.Charge(saga, "tok_visa"));
  payments.Do(Payments::Refund(saga));
  v1::PaymentCommand second = payments.Charge(saga, "tok_visa", 4200, 2);
  second.mutable_charge_payment()->mutable_key()->set_step("charge_more");
  CHECK(payments.Do(second).reason() == "PAYMENT_ALREADY_EXISTS");
}

TEST_CASE("payment rounds: a charge that was cancelled under way leaves the next round alone") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  payments.Send({payments.Charge(saga, "tok_slow_5000")});
  payments.world.Run();
  CHECK(payments.Do(Payments::Refund(saga)).outcome() == OUTCOME_SUCCEEDED);
  CHECK(payments.Do(payments.Charge(saga, "tok_slow_400", 4300, 2)).outcome() ==
        OUTCOME_IN_PROGRESS);
  payments.world.Advance(absl::Minutes(1));
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_CAPTURED);
  CHECK(payments.Balance("provider") == 4300);
  CHECK(payments.HeldByProvider() == 4300);
}

TEST_CASE("payment: what another replica on the same store has decided is seen") {
  store::ModelStores all;
  store::ModelProcess stores(all, store::ModelProcess::Writers::kSeveral);
  Payments payments(Engine::kModel, {}, &stores);
  const auto other = PaymentNode::Open(
      [&] {
        const World given = payments.world.world("other");
        return World{given.clock,       given.executor, given.wire, stores,
                     given.make_worker, given.random,   given.stop};
      }(),
      payments.tap, payments.sealer);
  REQUIRE(other.ok());
  REQUIRE((*other)->Start().ok());
  const Id saga = payments.NewSaga();
  payments.tap.hold_answers = true;
  payments.Send({payments.Charge(saga, "tok_visa")});
  payments.world.Run();
  v1::ExecutePaymentCommandsRequest undo;
  *undo.add_commands() = Payments::Refund(saga);
  payments.world.Call("other", kExecutePaymentCommands, undo);
  payments.world.Run();
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_REFUNDING);
  payments.tap.LetGoOfAll();  // the charge's answer, to the one that has not heard of the refund
  payments.world.Advance(absl::Seconds(1));
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_REFUNDED);
  CHECK(payments.Balance("provider") == 0);
  CHECK(payments.HeldByProvider() == 0);
}
