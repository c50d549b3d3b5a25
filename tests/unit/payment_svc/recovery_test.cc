// Crashes, races and outages between payment_svc and its provider.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tests/unit/payment_svc/payments.h"

using namespace seatsaga;
using namespace seatsaga::payment;
using saga::v1::OUTCOME_IN_PROGRESS;
using saga::v1::OUTCOME_REFUSED;
using saga::v1::OUTCOME_SUCCEEDED;
using saga::v1::OUTCOME_UNKNOWN;

namespace {

Engine Any() { return GENERATE(Engine::kModel, Engine::kSqlite); }

}  // namespace

TEST_CASE("payment: a charge survives a crash before the provider heard of it") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  payments.tap.hold_calls = true;
  payments.Send({payments.Charge(saga, "tok_visa")});
  payments.world.Run();
  payments.tap.calls.clear();  // lost on the way
  payments.Crash();
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_PENDING);
  payments.tap.LetGoOfAll();
  payments.world.Run();
  CHECK(payments.asked() == std::vector{GatewayOperation::kLookup, GatewayOperation::kCharge});
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_CAPTURED);
  CHECK(payments.Do(payments.Charge(saga, "tok_visa")).outcome() == OUTCOME_SUCCEEDED);
  CHECK(payments.HeldByProvider() == 4200);
}

TEST_CASE(
    "payment: a charge survives a crash after the provider has charged, and is not charged twice") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  payments.tap.hold_answers = true;
  payments.Send({payments.Charge(saga, "tok_visa")});
  payments.world.Run();
  payments.Crash();
  CHECK(payments.HeldByProvider() == 4200);
  payments.tap.LetGoOfAll();  // first to the dead
  payments.world.Run();
  CHECK(payments.Do(payments.Charge(saga, "tok_visa")).outcome() == OUTCOME_SUCCEEDED);
  CHECK(payments.TimesAsked(GatewayOperation::kCharge) == 1);
  CHECK(payments.Balance("provider") == 4200);
}

TEST_CASE("payment: what was sent before a crash arrives at the provider all the same") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  payments.tap.hold_calls = true;
  payments.Send({payments.Charge(saga, "tok_visa")});
  payments.world.Run();
  payments.Crash();
  payments.world.Run();
  CHECK(payments.tap.calls.size() == 2);  // the charge, and after the restart a look-up
  payments.tap.LetGoOfAll();
  payments.world.Run();
  CHECK(payments.asked() == std::vector{GatewayOperation::kCharge, GatewayOperation::kLookup});
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_CAPTURED);
  CHECK(payments.Balance("provider") == 4200);
  CHECK(payments.HeldByProvider() == 4200);
}

TEST_CASE("payment: a refund survives a crash before and after the provider gave back") {
  const int64_t amount_minor = GENERATE(4200, 1000);
  for (const bool arrived : {false, true}) {
    Payments payments(Engine::kSqlite);
    const Id saga = payments.NewSaga();
    payments.Do(payments.Charge(saga, "tok_visa"));
    payments.tap.hold_calls = !arrived;
    payments.tap.hold_answers = arrived;
    payments.Send({Payments::RefundPart(saga, amount_minor)});
    payments.world.Run();
    payments.tap.calls.clear();
    payments.Crash();
    CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_REFUNDING);
    payments.tap.LetGoOfAll();
    payments.world.Run();
    CHECK(payments.Do(Payments::RefundPart(saga, amount_minor)).outcome() == OUTCOME_SUCCEEDED);
    CHECK(payments.Balance("provider") == 4200 - amount_minor);
    CHECK(payments.HeldByProvider() == 4200 - amount_minor);
  }
}

TEST_CASE("payment: a batch that does not commit is not acknowledged and leaves no trace") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  payments.FailNextCommit();
  const auto answer = payments.Send({payments.Charge(saga, "tok_visa")});
  payments.world.Run();
  REQUIRE(answer.answered());
  CHECK(answer->status().code() == absl::StatusCode::kUnavailable);
  CHECK_FALSE(payments.Get(saga).has_value());
  CHECK(payments.asked().empty());
  CHECK(payments.Do(payments.Charge(saga, "tok_visa")).outcome() == OUTCOME_SUCCEEDED);
}

TEST_CASE("payment: the provider's answer in a batch that does not commit is asked for again") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  payments.tap.hold_answers = true;
  const auto answer = payments.Send({payments.Charge(saga, "tok_visa")});
  payments.world.Run();
  payments.FailNextCommit();
  payments.tap.LetGoOfAll();
  payments.world.Advance(absl::Seconds(1));
  REQUIRE(answer.answered());
  CHECK(answer->status().code() == absl::StatusCode::kUnavailable);
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_CAPTURED);
  CHECK(payments.Balance("provider") == 4200);
  CHECK(payments.HeldByProvider() == 4200);
}

TEST_CASE(
    "payment: answers to what was asked before a failed commit do not disturb what is asked now") {
  Payments payments(Any(), {.asks_max = 1});
  const Id first = payments.NewSaga();
  payments.tap.hold_calls = true;
  payments.Send({payments.Charge(first, "tok_visa")});
  payments.world.Run();
  payments.FailNextCommit();
  payments.Send({payments.Charge(payments.NewSaga(), "tok_visa")});
  payments.world.Advance(absl::Seconds(1));
  CHECK(payments.tap.calls.size() == 2);  // about the first: before, and after it was loaded again
  payments.tap.LetGoOfAll();
  payments.world.Run();
  CHECK(payments.StateOf(first) == v1::PAYMENT_STATE_CAPTURED);
  CHECK(payments.Do(payments.Charge(payments.NewSaga(), "tok_visa")).outcome() ==
        OUTCOME_SUCCEEDED);
}

TEST_CASE(
    "payment: a refund that waits for its turn does not wait longer for the charge's answer") {
  Payments payments(Any(), {.asks_max = 1});
  const Id saga = payments.NewSaga();
  payments.Do(payments.Charge(saga, "tok_timeout_charged"));
  CHECK(payments.Do(payments.Refund(saga)).outcome() == OUTCOME_IN_PROGRESS);
  CHECK(payments.asked().size() == 1);
  payments.world.Advance(absl::Milliseconds(800));  // the charge's call has ended, unknown
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_REFUNDED);
}

TEST_CASE("payment: a refund while the charge is under way blocks the charge at the provider") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  const auto charge = payments.Send({payments.Charge(saga, "tok_slow_5000")});
  payments.world.Run();
  CHECK(payments.Do(payments.Refund(saga)).outcome() == OUTCOME_SUCCEEDED);
  REQUIRE(charge.answered());
  CHECK((*charge)->results(0).reason() == "LATE_ACTION");
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_CANCELLED);
  payments.world.Advance(absl::Minutes(1));
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_CANCELLED);
  CHECK(payments.HeldByProvider() == 0);
  CHECK(payments.Do(payments.Charge(saga, "tok_slow_5000")).reason() == "LATE_ACTION");
}

TEST_CASE("payment: a refund of a charge that the provider took, but did not tell, gives it back") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  payments.Do(payments.Charge(saga, "tok_timeout_charged"));
  CHECK(payments.HeldByProvider() == 4200);
  CHECK(payments.Do(payments.Refund(saga)).outcome() == OUTCOME_SUCCEEDED);
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_REFUNDED);
  CHECK(payments.HeldByProvider() == 0);
  CHECK(payments.Balance("provider") == 0);
  CHECK(payments.asked() == std::vector{GatewayOperation::kCharge, GatewayOperation::kCancel,
                                        GatewayOperation::kRefund});
}

TEST_CASE("payment: a part of a charge that the provider took, but did not tell, is given back") {
  Payments payments(Any());
  const int64_t amount_minor = 1000;
  const Id saga = payments.NewSaga();
  payments.Do(payments.Charge(saga, "tok_timeout_charged"));
  for (int i = 0; i < 2; ++i) {
    const CommandResult result = payments.Do(Payments::RefundPart(saga, amount_minor));
    CHECK(result.outcome() == OUTCOME_SUCCEEDED);
    CHECK(result.result().amount().amount_minor() == amount_minor);
    CHECK(payments.Do(payments.Charge(saga, "tok_timeout_charged")).reason() == "LATE_ACTION");
    payments.Crash();
  }
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_PARTIALLY_REFUNDED);
  CHECK(payments.Balance("provider") == 4200 - amount_minor);
  CHECK(payments.HeldByProvider() == 4200 - amount_minor);
}

TEST_CASE("payment: a charge that reaches the provider after its cancellation is not taken") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  payments.tap.hold_calls = true;
  payments.Send({payments.Charge(saga, "tok_visa")});
  payments.world.Run();
  payments.tap.hold_calls = false;
  CHECK(payments.Do(payments.Refund(saga)).outcome() == OUTCOME_SUCCEEDED);
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_CANCELLED);
  payments.tap.LetGoOfAll();
  payments.world.Run();
  CHECK(payments.StateOf(saga) == v1::PAYMENT_STATE_CANCELLED);
  CHECK(payments.HeldByProvider() == 0);
}

TEST_CASE("payment: charge and refund in one batch end with nothing taken") {
  Payments payments(Any());
  const Id saga = payments.NewSaga();
  const auto answer = payments.Send({payments.Charge(saga, "tok_visa"), payments.Refund(saga)});
  payments.world.Run();
  REQUIRE(answer.answered());
  CHECK((*answer)->results(0).reason() == "LATE_ACTION");
  CHECK((*answer)->results(1).outcome() == OUTCOME_SUCCEEDED);
  CHECK(payments.HeldByProvider() == 0);
}

TEST_CASE(
    "payment: an outage leaves payments waiting without hammering, and they end once it is over") {
  Payments payments(Any());
  std::ofstream(payments.outage_file()) << "x";
  const Id charged = payments.NewSaga();
  const Id undone = payments.NewSaga();
  CHECK(payments.Do(payments.Charge(charged, "tok_visa")).outcome() == OUTCOME_IN_PROGRESS);
  CHECK(payments.Do(payments.Charge(undone, "tok_visa")).outcome() == OUTCOME_IN_PROGRESS);
  CHECK(payments.Do(payments.Refund(undone)).outcome() == OUTCOME_IN_PROGRESS);
  payments.world.Advance(absl::Minutes(10));
  CHECK(payments.StateOf(charged) == v1::PAYMENT_STATE_PENDING);
  CHECK(payments.StateOf(undone) == v1::PAYMENT_STATE_REFUNDING);
  CHECK(payments.asked().size() < 2 * 600 / 2.5 + 20);
  std::filesystem::remove(payments.outage_file());
  payments.world.Advance(absl::Seconds(6));
  CHECK(payments.StateOf(charged) == v1::PAYMENT_STATE_CAPTURED);
  CHECK(payments.StateOf(undone) == v1::PAYMENT_STATE_CANCELLED);
  CHECK(payments.HeldByProvider() == 4200);
}

TEST_CASE("payment: the pause between two questions grows to a cap and differs by payment") {
  Payments payments(Engine::kModel);
  std::ofstream(payments.outage_file()) << "x";
  const std::vector<Id> sagas{payments.NewSaga(), payments.NewSaga()};
  payments.Send({payments.Charge(sagas[0], "tok_visa"), payments.Charge(sagas[1], "tok_visa")});
  payments.world.Advance(absl::Minutes(2));
  std::vector<std::vector<absl::Duration>> pauses;
  for (const Id& saga : sagas) {
    absl::Time last = absl::InfinitePast();
    pauses.emplace_back();
    for (const Tap::Arrival& arrival : payments.tap.arrivals) {
      if (!arrival.key.starts_with(saga.ToString())) continue;
      if (last != absl::InfinitePast()) pauses.back().push_back(arrival.time - last);
      last = arrival.time;
    }
    const std::vector<absl::Duration>& own = pauses.back();
    REQUIRE(own.size() > 20);
    CHECK(own[0] >= absl::Milliseconds(50));
    CHECK(own[0] <= absl::Milliseconds(100));
    for (size_t i = 6; i < own.size(); ++i) {
      CHECK(own[i] >= absl::Seconds(2.5));
      CHECK(own[i] <= absl::Seconds(5));
    }
  }
  CHECK(pauses[0] != pauses[1]);
}

TEST_CASE("payment: only so many questions are under way at once, and all are asked in the end") {
  Payments payments(Any(), {.asks_max = 3});
  std::vector<v1::PaymentCommand> commands;
  for (int i = 0; i < 20; ++i) commands.push_back(payments.Charge(payments.NewSaga(), "tok_visa"));
  payments.tap.hold_calls = true;
  const auto answer = payments.Send(commands);
  payments.world.Run();
  CHECK(payments.tap.calls.size() == 3);
  Tap::LetGo(std::exchange(payments.tap.calls, {}));
  payments.world.Run();
  CHECK(payments.tap.calls.size() == 3);
  payments.tap.LetGoOfAll();
  payments.world.Run();
  REQUIRE(answer.answered());
  CHECK(payments.Balance("provider") == 20 * 4200);
}

TEST_CASE("payment: a charge beyond the payments that may wait is unknown, and works later") {
  Payments payments(Any(), {.live_max = 1});
  const Id first = payments.NewSaga();
  const Id second = payments.NewSaga();
  const auto answer =
      payments.Send({payments.Charge(first, "tok_visa"), payments.Charge(second, "tok_visa")});
  payments.world.Run();
  CHECK((*answer)->results(0).outcome() == OUTCOME_SUCCEEDED);
  CHECK((*answer)->results(1).outcome() == OUTCOME_UNKNOWN);
  CHECK(payments.Do(payments.Charge(second, "tok_visa")).outcome() == OUTCOME_SUCCEEDED);
}

TEST_CASE("payment: a waiting call is answered with what is known when the service stops") {
  Payments payments(Any());
  const auto answer = payments.Send({payments.Charge(payments.NewSaga(), "tok_slow_5000"),
                                     payments.Charge(payments.NewSaga(), "tok_declined")});
  payments.world.Run();
  CHECK_FALSE(answer.answered());
  payments.node->Stop(absl::ZeroDuration());
  payments.world.Run();
  REQUIRE(answer.answered());
  CHECK((*answer)->results(0).outcome() == OUTCOME_IN_PROGRESS);
  CHECK((*answer)->results(1).outcome() == OUTCOME_REFUSED);
}
