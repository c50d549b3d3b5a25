#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "common/fingerprint.h"
#include "payment_svc/payment_requests.h"
#include "tests/unit/payment_svc/payments.h"

using namespace seatsaga;
using namespace seatsaga::payment;

namespace {

v1::ChargePaymentRequest GoodCharge() {
  v1::ChargePaymentRequest request;
  request.mutable_key()->set_saga_id("01890a5d-ac96-774b-bcce-b302099a8057");
  request.mutable_key()->set_step("charge_payment");
  request.mutable_key()->set_round(1);
  request.mutable_amount()->set_amount_minor(4200);
  request.mutable_amount()->set_currency("EUR");
  request.set_sealed_payment_token("sealed");
  return request;
}

std::vector<std::string> BadFields(v1::ChargePaymentRequest request) {
  FieldErrors errors;
  ParseCharge(request, errors);
  std::vector<std::string> fields;
  for (const auto& [field, why] : FieldViolationsOf(errors.ToStatus())) fields.push_back(field);
  return fields;
}

std::string Digest(const std::function<void(v1::ChargePaymentRequest&)>& change) {
  v1::ChargePaymentRequest request = GoodCharge();
  change(request);
  FieldErrors errors;
  return ParseCharge(request, errors).digest;
}

v1::RefundPaymentRequest GoodRefund() {
  v1::RefundPaymentRequest request;
  *request.mutable_key() = GoodCharge().key();
  saga::v1::PaymentPart& part = *request.mutable_refunds()->add_refunds();
  part.set_payment_id(GoodCharge().key().saga_id());
  *part.mutable_amount() = GoodCharge().amount();
  return request;
}

saga::v1::PaymentPart& PartOf(v1::RefundPaymentRequest& request) {
  return *request.mutable_refunds()->mutable_refunds(0);
}

}  // namespace

TEST_CASE("payment requests: a good charge has nothing wrong, 0 and the most included") {
  CHECK(BadFields(GoodCharge()).empty());
  for (const int64_t amount : {int64_t{0}, kAmountMax}) {
    v1::ChargePaymentRequest request = GoodCharge();
    request.mutable_amount()->set_amount_minor(amount);
    CHECK(BadFields(request).empty());
  }
}

TEST_CASE("payment requests: each bad field of a charge is named") {
  const auto bad = [](const std::function<void(v1::ChargePaymentRequest&)>& change) {
    v1::ChargePaymentRequest request = GoodCharge();
    change(request);
    return BadFields(request);
  };
  using Fields = std::vector<std::string>;
  CHECK(bad([](auto& r) { r.mutable_key()->clear_saga_id(); }) == Fields{"key.saga_id"});
  CHECK(bad([](auto& r) { r.mutable_key()->set_saga_id("7"); }) == Fields{"key.saga_id"});
  CHECK(bad([](auto& r) { r.mutable_key()->clear_step(); }) == Fields{"key.step"});
  CHECK(bad([](auto& r) { r.mutable_key()->set_step(std::string(65, 'x')); }) ==
        Fields{"key.step"});
  for (const int64_t amount : {int64_t{-1}, INT64_MIN, kAmountMax + 1, INT64_MAX}) {
    CHECK(bad([&](auto& r) { r.mutable_amount()->set_amount_minor(amount); }) ==
          Fields{"amount.amount_minor"});
  }
  for (const auto* currency : {"", "eur", "EURO", "E1R"}) {
    CHECK(bad([&](auto& r) { r.mutable_amount()->set_currency(currency); }) ==
          Fields{"amount.currency"});
  }
  CHECK(bad([](auto& r) { r.clear_amount(); }) == Fields{"amount.currency"});
  CHECK(bad([](auto& r) { r.set_sealed_payment_token(std::string(513, 'x')); }) ==
        Fields{"sealed_payment_token"});
  CHECK(bad([](auto& r) { r.mutable_key()->clear_round(); }) == Fields{"key.round"});
  CHECK(BadFields({}) == Fields{"key.saga_id", "key.step", "key.round", "amount.currency"});
}

TEST_CASE("payment requests: the digest covers the body but not the fencing token") {
  const std::string digest = Digest([](auto&) {});
  CHECK(Digest([](auto& r) { r.mutable_key()->set_fencing_epoch(99); }) == digest);
  CHECK(Digest([](auto& r) { r.mutable_amount()->set_amount_minor(4201); }) != digest);
  CHECK(Digest([](auto& r) { r.mutable_amount()->set_currency("USD"); }) != digest);
  CHECK(Digest([](auto& r) { r.set_sealed_payment_token("other"); }) != digest);
}

TEST_CASE("payment requests: what a refund says is checked if it says something") {
  const auto bad = [](const std::function<void(v1::RefundPaymentRequest&)>& change) {
    v1::RefundPaymentRequest request = GoodRefund();
    change(request);
    FieldErrors errors;
    ParseRefund(request, errors);
    std::vector<std::string> fields;
    for (const auto& [field, why] : FieldViolationsOf(errors.ToStatus())) fields.push_back(field);
    return fields;
  };
  using Fields = std::vector<std::string>;
  const auto amount_is = [](int64_t amount) {
    return [amount](auto& r) { PartOf(r).mutable_amount()->set_amount_minor(amount); };
  };
  for (const int64_t amount : {int64_t{1}, kAmountMax}) CHECK(bad(amount_is(amount)).empty());
  CHECK(bad([](auto& r) { r.clear_refunds(); }).empty());
  CHECK(bad([](auto& r) { r.mutable_refunds()->clear_refunds(); }).empty());
  for (const int64_t amount : {int64_t{-1}, int64_t{0}, kAmountMax + 1}) {
    CHECK(bad(amount_is(amount)) == Fields{"refunds.refunds[0].amount.amount_minor"});
  }
  CHECK(bad([](auto& r) { PartOf(r).mutable_amount()->clear_currency(); }) ==
        Fields{"refunds.refunds[0].amount.currency"});
  CHECK(bad([](auto& r) { PartOf(r).set_payment_id("42"); }) ==
        Fields{"refunds.refunds[0].payment_id"});
  CHECK(bad([](auto& r) { *r.mutable_refunds()->add_refunds() = PartOf(r); }) ==
        Fields{"refunds.refunds[1].payment_id"});
  CHECK(bad([](auto& r) {
          for (int i = 0; i < 100; ++i) r.mutable_refunds()->add_refunds();
        }) == Fields{"refunds.refunds"});
  CHECK(bad([](auto& r) { r.set_reservation_id("42"); }) == Fields{"reservation_id"});
}

TEST_CASE(
    "payment requests: the digest of a refund covers what it says, and without that it stays") {
  const auto digest = [](const std::function<void(v1::RefundPaymentRequest&)>& change) {
    v1::RefundPaymentRequest request = GoodRefund();
    change(request);
    FieldErrors errors;
    return ParseRefund(request, errors).digest;
  };
  const std::string some = digest([](auto&) {});
  CHECK(digest([](auto& r) { r.mutable_key()->set_fencing_epoch(99); }) == some);
  CHECK(digest([](auto& r) { PartOf(r).mutable_amount()->set_amount_minor(1); }) != some);
  CHECK(digest([](auto& r) { PartOf(r).mutable_amount()->set_currency("USD"); }) != some);
  CHECK(digest([](auto& r) { r.mutable_refunds()->clear_refunds(); }) != some);
  CHECK(digest([](auto& r) { r.clear_refunds(); }) == Fingerprint().Digest());
}

TEST_CASE("payment requests: a batch judges each command by itself and keeps the order") {
  v1::ExecutePaymentCommandsRequest request;
  *request.add_commands()->mutable_charge_payment() = GoodCharge();
  request.add_commands();
  request.add_commands()->mutable_refund_payment()->mutable_key()->set_step("x");
  *request.add_commands()->mutable_probe_payment()->mutable_key() = GoodCharge().key();
  const auto input = participant::ParseBatch<PaymentBody>(request, ParseCommand);
  REQUIRE(input.ok());
  const std::vector<PaymentCommand>& commands = input->commands;
  REQUIRE(commands.size() == 4);
  CHECK_FALSE(commands[0].rejected.has_value());
  CHECK_FALSE(commands[3].rejected.has_value());
  CHECK(commands[3].body.kind == CommandKind::kProbe);
  CHECK(commands[1].rejected->outcome() == saga::v1::OUTCOME_INVALID);
  CHECK(commands[2].rejected->reason() == "INVALID_REQUEST");
  CHECK(commands[2].rejected->message().find("key.saga_id") != std::string::npos);
}

TEST_CASE("payment requests: commands that break a rule do not touch the others of their batch") {
  Payments payments(Engine::kModel);
  const Id saga = payments.NewSaga();
  v1::PaymentCommand bad = payments.Charge(saga, "tok_visa", -1);
  const auto answer = payments.Send({bad, payments.Charge(saga, "tok_visa"), {}});
  payments.world.Run();
  REQUIRE(answer.answered());
  CHECK((*answer)->results(0).outcome() == saga::v1::OUTCOME_INVALID);
  CHECK((*answer)->results(1).outcome() == saga::v1::OUTCOME_SUCCEEDED);
  CHECK((*answer)->results(2).outcome() == saga::v1::OUTCOME_INVALID);
}

TEST_CASE("payment requests: a batch of none or of more than 1,000 is refused whole") {
  Payments payments(Engine::kModel);
  for (const int count : {0, 1001}) {
    v1::ExecutePaymentCommandsRequest request;
    for (int i = 0; i < count; ++i) request.add_commands();
    CHECK(payments.world.CallNow("payment_svc", kExecutePaymentCommands, request).status().code() ==
          absl::StatusCode::kInvalidArgument);
  }
}

TEST_CASE("payment requests: unary methods answer as a batch of one") {
  Payments payments(Engine::kModel);
  const Id saga = payments.NewSaga();
  v1::ChargePaymentRequest charge = payments.Charge(saga, "tok_visa").charge_payment();
  const auto call = [&] { return payments.world.CallNow("payment_svc", kChargePayment, charge); };
  REQUIRE(call().ok());
  CHECK(call()->result().outcome() == saga::v1::OUTCOME_SUCCEEDED);
  const auto refund = payments.world.CallNow("payment_svc", kRefundPayment,
                                             Payments::Refund(saga).refund_payment());
  REQUIRE(refund.ok());
  CHECK(refund->result().outcome() == saga::v1::OUTCOME_SUCCEEDED);
  // What is invalid is an error here, with its reason.
  charge.mutable_amount()->set_amount_minor(1);
  CHECK(call().status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(ReasonOf(call().status()) == "IDEMPOTENCY_KEY_REUSED");
  charge.clear_key();
  CHECK(ReasonOf(call().status()) == "INVALID_REQUEST");
}

TEST_CASE("payment queries: pages walk through all payments in order, with and without a filter") {
  Payments payments(GENERATE(Engine::kModel, Engine::kSqlite));
  std::vector<std::string> declined;
  for (int i = 0; i < 7; ++i) {
    const Id saga = payments.NewSaga();
    payments.Do(payments.Charge(saga, i % 2 == 0 ? "tok_declined" : "tok_visa"));
    if (i % 2 == 0) declined.push_back(saga.ToString());
  }
  const auto walk = [&](PaymentState state) {
    std::vector<std::string> ids;
    v1::ListPaymentsRequest request;
    request.set_page_size(3);
    request.set_state(state);
    do {
      const auto page = payments.world.CallNow("payment_svc", kListPayments, request);
      REQUIRE(page.ok());
      REQUIRE(page->payments_size() <= 3);
      for (const v1::Payment& payment : page->payments()) ids.push_back(payment.payment_id());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return ids;
  };
  const auto all = walk(v1::PAYMENT_STATE_UNSPECIFIED);
  CHECK(all.size() == 7);
  CHECK(std::is_sorted(all.begin(), all.end()));
  CHECK(walk(v1::PAYMENT_STATE_DECLINED) == declined);
  CHECK(walk(v1::PAYMENT_STATE_REFUNDED).empty());
}

TEST_CASE("payment queries: a payment shows what has been paid back, once it has") {
  Payments payments(GENERATE(Engine::kModel, Engine::kSqlite));
  const Id whole = payments.NewSaga();
  const Id part = payments.NewSaga();
  const Id nothing = payments.NewSaga();
  const Id not_yet = payments.NewSaga();
  for (const Id& saga : {whole, part, nothing}) payments.Do(payments.Charge(saga, "tok_visa"));
  payments.Do(payments.Charge(not_yet, "tok_refund_refused"));
  payments.Do(Payments::Refund(whole));
  payments.Do(Payments::RefundPart(part, 1000));
  payments.Do(Payments::RefundPart(nothing, 0));
  payments.Do(Payments::RefundPart(not_yet, 1000));
  CHECK(payments.Get(whole)->refunded().amount_minor() == 4200);
  CHECK(payments.Get(part)->refunded().amount_minor() == 1000);
  CHECK(payments.Get(part)->refunded().currency() == "EUR");
  CHECK_FALSE(payments.Get(nothing)->has_refunded());
  CHECK_FALSE(payments.Get(not_yet)->has_refunded());
}

TEST_CASE("payment queries: what is not there, or not well asked for, is said so") {
  Payments payments(Engine::kModel);
  v1::GetPaymentRequest get;
  const auto got = [&] { return payments.world.CallNow("payment_svc", kGetPayment, get).status(); };
  CHECK(ReasonOf(got()) == "INVALID_REQUEST");
  get.set_payment_id(payments.NewSaga().ToString());
  CHECK(ReasonOf(got()) == "PAYMENT_NOT_FOUND");
  v1::ListPaymentsRequest list;
  list.set_page_size(1001);
  list.set_page_token("from another list");
  list.set_state(static_cast<PaymentState>(99));
  const auto page = payments.world.CallNow("payment_svc", kListPayments, list);
  CHECK(FieldViolationsOf(page.status()).size() == 3);
}
