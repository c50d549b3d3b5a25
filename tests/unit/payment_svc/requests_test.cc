#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "payment_svc/payment_requests.h"
#include "tests/unit/payment_svc/world.h"

using namespace seatsaga;
using namespace seatsaga::payment;

namespace {

v1::ChargePaymentRequest GoodCharge() {
  v1::ChargePaymentRequest request;
  request.set_saga_id("01890a5d-ac96-774b-bcce-b302099a8057");
  request.set_step("charge_payment");
  request.set_fencing_token(1);
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
  return ParseCharge(request, errors).key.fingerprint;
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
  CHECK(bad([](auto& r) { r.clear_saga_id(); }) == Fields{"saga_id"});
  CHECK(bad([](auto& r) { r.set_saga_id("7"); }) == Fields{"saga_id"});
  CHECK(bad([](auto& r) { r.clear_step(); }) == Fields{"step"});
  CHECK(bad([](auto& r) { r.set_step(std::string(65, 'x')); }) == Fields{"step"});
  for (const int64_t amount : {int64_t{-1}, INT64_MIN, kAmountMax + 1, INT64_MAX}) {
    CHECK(bad([&](auto& r) { r.mutable_amount()->set_amount_minor(amount); }) ==
          Fields{"amount.amount_minor"});
  }
  for (const auto* currency : {"", "eur", "EURO", "E1R"}) {
    CHECK(bad([&](auto& r) { r.mutable_amount()->set_currency(currency); }) ==
          Fields{"amount.currency"});
  }
  CHECK(bad([](auto& r) { r.clear_amount(); }) == Fields{"amount.currency"});
  CHECK(bad([](auto& r) { r.clear_sealed_payment_token(); }) == Fields{"sealed_payment_token"});
  CHECK(bad([](auto& r) { r.set_sealed_payment_token(std::string(513, 'x')); }) ==
        Fields{"sealed_payment_token"});
  CHECK(BadFields({}) == Fields{"saga_id", "step", "amount.currency", "sealed_payment_token"});
}

TEST_CASE("payment requests: the fingerprint covers the body but not the fencing token") {
  const std::string digest = Digest([](auto&) {});
  CHECK(Digest([](auto& r) { r.set_fencing_token(99); }) == digest);
  CHECK(Digest([](auto& r) { r.mutable_amount()->set_amount_minor(4201); }) != digest);
  CHECK(Digest([](auto& r) { r.mutable_amount()->set_currency("USD"); }) != digest);
  CHECK(Digest([](auto& r) { r.set_sealed_payment_token("other"); }) != digest);
}

TEST_CASE("payment requests: a batch judges each command by itself and keeps the order") {
  v1::ExecutePaymentCommandsRequest request;
  *request.add_commands()->mutable_charge_payment() = GoodCharge();
  request.add_commands();
  request.add_commands()->mutable_refund_payment()->set_step("x");
  auto* probe = request.add_commands()->mutable_probe_payment();
  probe->set_saga_id(GoodCharge().saga_id());
  probe->set_step("charge_payment");
  const auto input = ParseBatch(request);
  REQUIRE(input.ok());
  REQUIRE(input->commands.size() == 2);
  CHECK(input->commands[0].index == 0);
  CHECK(input->commands[1].index == 3);
  CHECK(input->commands[1].kind == CommandKind::kProbe);
  CHECK(input->results[1].outcome() == saga::v1::OUTCOME_INVALID);
  CHECK(input->results[2].reason() == "INVALID_REQUEST");
  CHECK(input->results[2].message().find("saga_id") != std::string::npos);
}

TEST_CASE("payment requests: a batch of none or of more than 1,000 is refused whole") {
  for (const int count : {0, 1001}) {
    v1::ExecutePaymentCommandsRequest request;
    for (int i = 0; i < count; ++i) request.add_commands();
    CHECK(ParseBatch(request).status().code() == absl::StatusCode::kInvalidArgument);
  }
}

TEST_CASE("payment requests: an invalid result of a unary method is an error with its reason") {
  CommandResults results{Invalid("IDEMPOTENCY_KEY_REUSED", "no")};
  const auto result = OneResult(std::move(results));
  CHECK(result.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(ReasonOf(result.status()) == "IDEMPOTENCY_KEY_REUSED");
}

TEST_CASE("payment reader: pages walk through all payments in order, with and without a filter") {
  PaymentWorld world;
  std::vector<Id> declined;
  for (int i = 0; i < 7; ++i) {
    const Id saga = world.NewSaga();
    world.Do(world.Charge(saga, i % 2 == 0 ? "tok_declined" : "tok_visa"));
    if (i % 2 == 0) declined.push_back(saga);
  }
  auto reading = sqlite::Database::OpenReader(world.dir().File("payment.db"));
  PaymentReader reader(**reading);
  const auto walk = [&](PaymentState state) {
    std::vector<Id> ids;
    std::optional<Id> after;
    do {
      const auto page = reader.List(after, 3, state);
      REQUIRE(page.ok());
      REQUIRE(page->payments.size() <= 3);
      for (const Payment& payment : page->payments) ids.push_back(payment.id);
      after = page->next;
    } while (after);
    return ids;
  };
  const auto all = walk(v1::PAYMENT_STATE_UNSPECIFIED);
  CHECK(all.size() == 7);
  CHECK(std::is_sorted(all.begin(), all.end()));
  CHECK(walk(v1::PAYMENT_STATE_DECLINED) == declined);
  CHECK(walk(v1::PAYMENT_STATE_REFUNDED).empty());
  CHECK(ReasonOf(reader.Get(world.NewSaga()).status()) == "PAYMENT_NOT_FOUND");
}
