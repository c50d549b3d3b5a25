#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "payment_svc/payment_rules.h"

using namespace seatsaga;
using namespace seatsaga::payment;
using Kind = GatewayOutcome::Kind;
using Operation = GatewayOperation;

namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

Payment Given(PaymentState state, bool captured = false) {
  Payment payment;
  payment.state = state;
  payment.captured = captured;
  payment.amount_minor = 4200;
  payment.currency = "EUR";
  payment.sealed_token = state == v1::PAYMENT_STATE_PENDING ? "sealed" : "";
  return payment;
}

struct Row {
  PaymentState state;
  bool captured;
  Operation asked;
  Kind answer;
  PaymentState then;
  NextAsk next;
  int transfers;
};

const std::vector<Row> kTable{
    {v1::PAYMENT_STATE_PENDING, false, Operation::kCharge, Kind::kCaptured,
     v1::PAYMENT_STATE_CAPTURED, NextAsk::kNone, 1},
    {v1::PAYMENT_STATE_PENDING, false, Operation::kLookup, Kind::kCaptured,
     v1::PAYMENT_STATE_CAPTURED, NextAsk::kNone, 1},
    {v1::PAYMENT_STATE_PENDING, false, Operation::kCharge, Kind::kDeclined,
     v1::PAYMENT_STATE_DECLINED, NextAsk::kNone, 0},
    {v1::PAYMENT_STATE_PENDING, false, Operation::kLookup, Kind::kVoided,
     v1::PAYMENT_STATE_DECLINED, NextAsk::kNone, 0},
    {v1::PAYMENT_STATE_PENDING, false, Operation::kLookup, Kind::kRefunded,
     v1::PAYMENT_STATE_DECLINED, NextAsk::kNone, 0},
    {v1::PAYMENT_STATE_PENDING, false, Operation::kCharge, Kind::kUnknown,
     v1::PAYMENT_STATE_PENDING, NextAsk::kLater, 0},
    {v1::PAYMENT_STATE_PENDING, false, Operation::kCharge, Kind::kNotFound,
     v1::PAYMENT_STATE_PENDING, NextAsk::kLater, 0},
    {v1::PAYMENT_STATE_PENDING, false, Operation::kLookup, Kind::kNotFound,
     v1::PAYMENT_STATE_PENDING, NextAsk::kNow, 0},
    {v1::PAYMENT_STATE_REFUNDING, false, Operation::kCancel, Kind::kCaptured,
     v1::PAYMENT_STATE_REFUNDING, NextAsk::kNow, 1},
    {v1::PAYMENT_STATE_REFUNDING, false, Operation::kCancel, Kind::kVoided,
     v1::PAYMENT_STATE_CANCELLED, NextAsk::kNone, 0},
    {v1::PAYMENT_STATE_REFUNDING, false, Operation::kCancel, Kind::kDeclined,
     v1::PAYMENT_STATE_CANCELLED, NextAsk::kNone, 0},
    {v1::PAYMENT_STATE_REFUNDING, false, Operation::kCancel, Kind::kRefunded,
     v1::PAYMENT_STATE_CANCELLED, NextAsk::kNone, 0},
    {v1::PAYMENT_STATE_REFUNDING, false, Operation::kCancel, Kind::kNotFound,
     v1::PAYMENT_STATE_REFUNDING, NextAsk::kLater, 0},
    {v1::PAYMENT_STATE_REFUNDING, false, Operation::kCancel, Kind::kUnknown,
     v1::PAYMENT_STATE_REFUNDING, NextAsk::kLater, 0},
    {v1::PAYMENT_STATE_REFUNDING, true, Operation::kRefund, Kind::kRefunded,
     v1::PAYMENT_STATE_REFUNDED, NextAsk::kNone, 1},
    {v1::PAYMENT_STATE_REFUNDING, true, Operation::kRefund, Kind::kUnknown,
     v1::PAYMENT_STATE_REFUNDING, NextAsk::kLater, 0},
    {v1::PAYMENT_STATE_REFUNDING, true, Operation::kRefund, Kind::kCaptured,
     v1::PAYMENT_STATE_REFUNDING, NextAsk::kLater, 0},
    {v1::PAYMENT_STATE_REFUNDING, true, Operation::kRefund, Kind::kDeclined,
     v1::PAYMENT_STATE_REFUNDING, NextAsk::kNone, 0},
    {v1::PAYMENT_STATE_REFUNDING, true, Operation::kRefund, Kind::kNotFound,
     v1::PAYMENT_STATE_REFUNDING, NextAsk::kNone, 0},
};

}  // namespace

TEST_CASE("payment: every answer of the provider leads to the state that the table says") {
  for (const Row& row : kTable) {
    Payment payment = Given(row.state, row.captured);
    std::vector<Transfer> transfers;
    const NextAsk next = Learn(payment, row.asked, {row.answer, "WHY", "ref"}, kNow, transfers);
    CAPTURE(row.state, row.captured, static_cast<int>(row.asked), static_cast<int>(row.answer));
    CHECK(payment.state == row.then);
    CHECK(next == row.next);
    CHECK(transfers.size() == static_cast<size_t>(row.transfers));
    CHECK((payment.state == v1::PAYMENT_STATE_PENDING) == !payment.sealed_token.empty());
  }
}

TEST_CASE("payment: a settled payment learns nothing more") {
  for (const auto state :
       {v1::PAYMENT_STATE_CAPTURED, v1::PAYMENT_STATE_DECLINED, v1::PAYMENT_STATE_REFUNDED,
        v1::PAYMENT_STATE_CANCELLED, v1::PAYMENT_STATE_PARTIALLY_REFUNDED}) {
    for (const auto kind : {Kind::kCaptured, Kind::kDeclined, Kind::kRefunded, Kind::kUnknown}) {
      Payment payment = Given(state, true);
      std::vector<Transfer> transfers;
      CHECK(Learn(payment, Operation::kCharge, {kind, "", "ref"}, kNow, transfers) ==
            NextAsk::kNone);
      CHECK(payment.state == state);
      CHECK(transfers.empty());
    }
  }
}

TEST_CASE("payment: a refund starts where something may be left to pay back") {
  const auto refunded = [](PaymentState state, int64_t amount_minor) {
    Payment payment = Given(state);
    payment.amount_minor = amount_minor;
    const bool ask = BeginRefund(payment, amount_minor, kNow);
    return std::pair(payment.state, ask);
  };
  CHECK(refunded(v1::PAYMENT_STATE_PENDING, 1) == std::pair(v1::PAYMENT_STATE_REFUNDING, true));
  CHECK(refunded(v1::PAYMENT_STATE_CAPTURED, 1) == std::pair(v1::PAYMENT_STATE_REFUNDING, true));
  CHECK(refunded(v1::PAYMENT_STATE_CAPTURED, 0) == std::pair(v1::PAYMENT_STATE_REFUNDED, false));
  CHECK(refunded(v1::PAYMENT_STATE_PARTIALLY_REFUNDED, 1) ==
        std::pair(v1::PAYMENT_STATE_REFUNDING, true));
  for (const auto state : {v1::PAYMENT_STATE_DECLINED, v1::PAYMENT_STATE_REFUNDING,
                           v1::PAYMENT_STATE_REFUNDED, v1::PAYMENT_STATE_CANCELLED}) {
    CHECK(refunded(state, 1) == std::pair(state, false));
  }
}

TEST_CASE("payment: a refund of a part moves that part, and the rest stays ours") {
  using saga::v1::OUTCOME_SUCCEEDED;
  Payment payment = Given(v1::PAYMENT_STATE_CAPTURED, true);
  REQUIRE(BeginRefund(payment, 1000, kNow));
  CHECK(payment.refunded_minor == 0);
  std::vector<Transfer> transfers;
  CHECK(Learn(payment, Operation::kRefund, {Kind::kRefunded, "", "ref"}, kNow, transfers) ==
        NextAsk::kNone);
  CHECK(payment.state == v1::PAYMENT_STATE_PARTIALLY_REFUNDED);
  CHECK(payment.refunded_minor == 1000);
  CHECK(LeftMinor(payment) == 3200);
  REQUIRE(transfers.size() == 1);
  CHECK(transfers[0].kind == TransferKind::kRefund);
  CHECK(transfers[0].amount_minor == 1000);
  CHECK(RefundResult(payment).outcome() == OUTCOME_SUCCEEDED);
  CHECK(RefundResult(payment).result().amount().amount_minor() == 1000);
  CHECK(ChargeResult(payment).reason() == "LATE_ACTION");
}

TEST_CASE("payment: a charge that turns out to be captured is refunded by what was asked for") {
  const auto [amount_minor, then, next] = GENERATE(table<int64_t, PaymentState, NextAsk>({
      {4200, v1::PAYMENT_STATE_REFUNDING, NextAsk::kNow},
      {1000, v1::PAYMENT_STATE_REFUNDING, NextAsk::kNow},
      {0, v1::PAYMENT_STATE_PARTIALLY_REFUNDED, NextAsk::kNone},
  }));
  Payment payment = Given(v1::PAYMENT_STATE_PENDING);
  REQUIRE(BeginRefund(payment, amount_minor, kNow));
  std::vector<Transfer> transfers;
  CHECK(Learn(payment, Operation::kCancel, {Kind::kCaptured, "", "ref"}, kNow, transfers) == next);
  CHECK(payment.state == then);
  CHECK(payment.kept_minor == 4200 - amount_minor);
  REQUIRE(transfers.size() == 1);
  CHECK(transfers[0].amount_minor == 4200);
}

TEST_CASE("payment: a refund of nothing leaves a captured payment as it is") {
  Payment payment = Given(v1::PAYMENT_STATE_CAPTURED, true);
  CHECK_FALSE(BeginRefund(payment, 0, kNow));
  CHECK(payment.state == v1::PAYMENT_STATE_CAPTURED);
  CHECK(RefundResult(payment).outcome() == saga::v1::OUTCOME_SUCCEEDED);
  CHECK(RefundResult(payment).result().amount().amount_minor() == 0);
}

TEST_CASE("payment: refunds follow each other until nothing is left, each with a number") {
  Payment payment = Given(v1::PAYMENT_STATE_CAPTURED, true);
  for (const int64_t amount_minor : {1000, 200, 3000}) {
    REQUIRE_FALSE(RefuseRefund(payment, amount_minor, "EUR").has_value());
    REQUIRE(BeginRefund(payment, amount_minor, kNow));
    CHECK(RefundMinor(payment) == amount_minor);
    std::vector<Transfer> transfers;
    Learn(payment, Operation::kRefund, {Kind::kRefunded, "", "ref"}, kNow, transfers);
    REQUIRE(transfers.size() == 1);
    CHECK(transfers[0].amount_minor == amount_minor);
    CHECK(transfers[0].number == payment.refund_no);
  }
  CHECK(payment.refund_no == 3);
  CHECK(payment.state == v1::PAYMENT_STATE_REFUNDED);
}

TEST_CASE("payment: a refund of more than is left of the charge is refused") {
  const auto reason = [](PaymentState state, int64_t refunded_minor, int64_t amount_minor,
                         std::string_view currency) {
    Payment payment = Given(state, true);
    payment.refunded_minor = refunded_minor;
    const auto refused = RefuseRefund(payment, amount_minor, currency);
    return refused ? refused->reason() : "";
  };
  for (const auto state : {v1::PAYMENT_STATE_PENDING, v1::PAYMENT_STATE_CAPTURED,
                           v1::PAYMENT_STATE_PARTIALLY_REFUNDED}) {
    CAPTURE(state);
    CHECK(reason(state, 0, 4200, "EUR") == "");
    CHECK(reason(state, 0, 4201, "EUR") == "REFUND_EXCEEDS_CHARGE");
    CHECK(reason(state, 1000, 3200, "EUR") == "");
    CHECK(reason(state, 1000, 3201, "EUR") == "REFUND_EXCEEDS_CHARGE");
    CHECK(reason(state, 0, 0, "USD") == "REFUND_CURRENCY_MISMATCH");
  }
  for (const auto state : {v1::PAYMENT_STATE_DECLINED, v1::PAYMENT_STATE_CANCELLED}) {
    CHECK(reason(state, 0, 0, "EUR") == "");
    CHECK(reason(state, 0, 1, "EUR") == "REFUND_EXCEEDS_CHARGE");  // nothing has moved
  }
}

TEST_CASE("payment: a refund succeeds only once no money can be ours") {
  using saga::v1::OUTCOME_IN_PROGRESS;
  using saga::v1::OUTCOME_SUCCEEDED;
  CHECK(RefundResult(Given(v1::PAYMENT_STATE_REFUNDING)).outcome() == OUTCOME_IN_PROGRESS);
  CHECK(RefundResult(Given(v1::PAYMENT_STATE_REFUNDING, true)).outcome() == OUTCOME_IN_PROGRESS);
  CHECK(RefundResult(Given(v1::PAYMENT_STATE_REFUNDED, true)).outcome() == OUTCOME_SUCCEEDED);
  CHECK(RefundResult(Given(v1::PAYMENT_STATE_CANCELLED)).outcome() == OUTCOME_SUCCEEDED);
  CHECK(RefundResult(Given(v1::PAYMENT_STATE_DECLINED)).outcome() == OUTCOME_SUCCEEDED);
}

TEST_CASE("payment: a settled payment starts anew for a later round of its step alone") {
  for (const auto state :
       {v1::PAYMENT_STATE_DECLINED, v1::PAYMENT_STATE_CANCELLED, v1::PAYMENT_STATE_REFUNDED}) {
    Payment payment = Given(state);
    payment.step = "charge";
    payment.round = 2;
    CHECK(StartsAnew(payment, "charge", 3));
    CHECK_FALSE(StartsAnew(payment, "charge", 2));
    CHECK_FALSE(StartsAnew(payment, "charge", 1));
    CHECK_FALSE(StartsAnew(payment, "charge_more", 3));
  }
  for (const auto state : {v1::PAYMENT_STATE_PENDING, v1::PAYMENT_STATE_CAPTURED,
                           v1::PAYMENT_STATE_REFUNDING, v1::PAYMENT_STATE_PARTIALLY_REFUNDED}) {
    Payment payment = Given(state);
    payment.step = "charge";
    CHECK_FALSE(StartsAnew(payment, "charge", 2));
  }
}
