// A part of what was charged for a reservation is paid back, of several payments at once.
#include <catch2/catch.hpp>

#include "tests/unit/payment_svc/payments.h"

using namespace seatsaga;
using namespace seatsaga::payment;
using saga::v1::OUTCOME_IN_PROGRESS;
using saga::v1::OUTCOME_REFUSED;
using saga::v1::OUTCOME_SUCCEEDED;

namespace {

// A reservation with two payments: of 4200, and of 700 by a later saga.
struct TwoPayments {
  explicit TwoPayments(const char* second_token = "tok_visa") {
    payments.Do(payments.Charge(first, "tok_visa"));
    v1::PaymentCommand charge = payments.Charge(second, second_token, 700);
    charge.mutable_charge_payment()->set_reservation_id(first.ToString());
    REQUIRE(payments.Do(charge).outcome() == OUTCOME_SUCCEEDED);
  }
  v1::PaymentCommand PayBack(int64_t of_first, int64_t of_second) {
    return Payments::PayBack(payments.NewSaga(), first, {{first, of_first}, {second, of_second}});
  }

  Payments payments{GENERATE(Engine::kModel, Engine::kSqlite)};
  const Id first = payments.NewSaga();
  const Id second = payments.NewSaga();
};

}  // namespace

TEST_CASE("pay back: of several payments at once, once, and as often as something is left") {
  TwoPayments two;
  Payments& payments = two.payments;
  for (int i = 1; i <= 3; ++i) {
    const v1::PaymentCommand command = two.PayBack(1000, 200);
    for (int tries = 0; tries < 2; ++tries) {
      const CommandResult result = payments.Do(command);
      CHECK(result.outcome() == OUTCOME_SUCCEEDED);
      CHECK(result.result().amount().amount_minor() == 1200);
      payments.Crash();
    }
    CHECK(payments.HeldByProvider() == 4900 - 1200 * i);
    CHECK(payments.Balance("provider") == 4900 - 1200 * i);
    CHECK(payments.Get(two.second)->last_saga_id() == command.pay_back_payment().key().saga_id());
  }
  CHECK(payments.StateOf(two.first) == v1::PAYMENT_STATE_PARTIALLY_REFUNDED);
  CHECK(payments.TimesAsked(GatewayOperation::kRefund) == 6);
}

TEST_CASE("pay back: all of it or nothing") {
  TwoPayments two;
  Payments& payments = two.payments;
  const Id stranger = payments.NewSaga();
  payments.Do(payments.Charge(stranger, "tok_visa"));
  const auto why = [&](const v1::PaymentCommand& command) {
    const CommandResult result = payments.Do(command);
    CHECK(result.outcome() == OUTCOME_REFUSED);
    return result.reason();
  };
  CHECK(why(two.PayBack(1000, 701)) == "REFUND_EXCEEDS_CHARGE");
  CHECK(why(Payments::PayBack(payments.NewSaga(), two.first, {{two.first, 1}, {stranger, 1}})) ==
        "PAYMENT_NOT_FOUND");
  CHECK(why(Payments::PayBack(payments.NewSaga(), two.first,
                              {{two.first, 1}, {payments.NewSaga(), 1}})) == "PAYMENT_NOT_FOUND");
  CHECK(payments.HeldByProvider() == 4900 + 4200);
  CHECK(payments.TimesAsked(GatewayOperation::kRefund) == 0);
}

TEST_CASE("pay back: is done when every provider's answer is there") {
  TwoPayments two;
  Payments& payments = two.payments;
  payments.tap.hold_answers = true;
  const v1::PaymentCommand command = two.PayBack(1000, 200);
  const auto waits = payments.Send({command});
  payments.world.Run();
  CHECK_FALSE(waits.answered());
  std::move(payments.tap.answers.at(0))();
  payments.tap.answers.erase(payments.tap.answers.begin());
  payments.world.Run();
  CHECK_FALSE(waits.answered());
  payments.tap.LetGoOfAll();
  payments.world.Run();
  REQUIRE(waits.answered());
  CHECK((*waits)->results(0).outcome() == OUTCOME_SUCCEEDED);
  CHECK((*waits)->results(0).result().amount().amount_minor() == 1200);
}

TEST_CASE("pay back: waits for another refund of the same payment, and leaves no trace meanwhile") {
  TwoPayments two;
  Payments& payments = two.payments;
  payments.tap.hold_answers = true;
  payments.Send({two.PayBack(1000, 200)});
  payments.world.Run();
  const v1::PaymentCommand second = two.PayBack(300, 30);
  CHECK(payments.Do(second).reason() == "PAYMENT_BUSY");
  payments.tap.LetGoOfAll();
  payments.world.Run();
  CHECK(payments.Do(second).outcome() == OUTCOME_SUCCEEDED);
  CHECK(payments.HeldByProvider() == 4900 - 1200 - 330);
}

TEST_CASE("pay back: a refund that the provider refuses is sent again by the operator's retry") {
  TwoPayments two("tok_refund_refused");
  Payments& payments = two.payments;
  const v1::PaymentCommand command = two.PayBack(1000, 200);
  for (size_t i = 1; i <= 2; ++i) {
    payments.Send({command});
    payments.world.Advance(absl::Seconds(1));
    const CommandResult result = payments.Do(command);
    CHECK(result.outcome() != OUTCOME_SUCCEEDED);
    CHECK(static_cast<size_t>(payments.TimesAsked(GatewayOperation::kRefund)) >= 1 + i);
  }
  CHECK(payments.HeldByProvider() == 4900 - 1000);
}

TEST_CASE("pay back: nothing is nothing") {
  TwoPayments two;
  CHECK(two.payments.Do(Payments::PayBack(two.payments.NewSaga(), two.first, {})).outcome() ==
        OUTCOME_SUCCEEDED);
  CHECK(two.payments.HeldByProvider() == 4900);
}

TEST_CASE("pay back: by a compensation of a saga that has charged nothing") {
  TwoPayments two;
  const Id later = two.payments.NewSaga();
  v1::PaymentCommand undo = Payments::RefundPart(later, 0);
  undo.mutable_refund_payment()->set_reservation_id(two.first.ToString());
  Payments::AddPart(two.first, 4000, "EUR", *undo.mutable_refund_payment()->mutable_refunds());
  Payments::AddPart(two.second, 700, "EUR", *undo.mutable_refund_payment()->mutable_refunds());
  CHECK(two.payments.Do(undo).outcome() == OUTCOME_SUCCEEDED);
  CHECK(two.payments.HeldByProvider() == 200);
}

TEST_CASE("pay back: a compensation has nothing to pay back of a charge that had no effect") {
  TwoPayments two;
  Payments& payments = two.payments;
  const Id later = payments.NewSaga();
  v1::PaymentCommand charge = payments.Charge(later, "tok_declined", 700);
  charge.mutable_charge_payment()->set_reservation_id(two.first.ToString());
  v1::PaymentCommand undo = Payments::RefundPart(later, 700);
  undo.mutable_refund_payment()->set_reservation_id(two.first.ToString());
  const bool of_others_too = GENERATE(false, true);
  if (of_others_too) {
    Payments::AddPart(two.first, 4000, "EUR", *undo.mutable_refund_payment()->mutable_refunds());
  }
  SECTION("it was declined") { CHECK(payments.Do(charge).outcome() == OUTCOME_REFUSED); }
  SECTION("it never came") {}
  for (int tries = 0; tries < 2; ++tries) {
    CHECK(payments.Do(undo).outcome() == OUTCOME_SUCCEEDED);
    CHECK(payments.HeldByProvider() == (of_others_too ? 900 : 4900));
    payments.Crash();
  }
  CHECK(payments.Do(charge).outcome() == OUTCOME_REFUSED);
  CHECK(payments.HeldByProvider() == (of_others_too ? 900 : 4900));
}

TEST_CASE("charge: of more than nothing needs a token") {
  Payments payments(Engine::kModel);
  v1::PaymentCommand charge = payments.Charge(payments.NewSaga(), "tok_visa");
  charge.mutable_charge_payment()->clear_sealed_payment_token();
  CHECK(payments.Do(charge).reason() == "PAYMENT_TOKEN_REQUIRED");
  charge.mutable_charge_payment()->mutable_key()->set_saga_id(payments.NewSaga().ToString());
  charge.mutable_charge_payment()->mutable_amount()->set_amount_minor(0);
  CHECK(payments.Do(charge).outcome() == OUTCOME_SUCCEEDED);
}

TEST_CASE("payment queries: all payments of one reservation are on one page") {
  TwoPayments two;
  v1::ListPaymentsRequest request;
  request.set_reservation_id(two.first.ToString());
  const auto page = two.payments.world.CallNow("payment_svc", kListPayments, request);
  REQUIRE(page.ok());
  REQUIRE(page->payments_size() == 2);
  CHECK(page->payments(0).payment_id() == two.first.ToString());
  CHECK(page->payments(1).payment_id() == two.second.ToString());
  CHECK(page->next_page_token().empty());
}
