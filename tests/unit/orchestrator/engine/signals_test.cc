// What clients' payments, extensions and cancellations do to their sagas: with timers, crashes and
// the store in between.
#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "common/errors.h"
#include "tests/unit/orchestrator/world/orchestrator_world.h"

namespace seatsaga {
namespace {

using testing::Engine;
using testing::OrchestratorWorld;
using testing::SagaId;
using namespace orchestrator::v1;

const Id kA = SagaId('a');

// "SUCCEEDED", "REFUSED TOO_LATE".
std::string Said(const CommandResult& result) {
  const std::string outcome = saga::v1::Outcome_Name(result.outcome()).substr(8);
  return result.reason().empty() ? outcome : Cat(outcome, " ", result.reason());
}

template <class Body>
const Body& LastBody(const OrchestratorWorld& world) {
  return static_cast<const Body&>(*world.last().body);
}

// A world whose saga kA holds its seats.
void Hold(OrchestratorWorld& world) {
  world.Boot();
  REQUIRE(world.StartHold(kA));
  world.SucceedUntil("hold_reservation");
  world.Succeed();
  REQUIRE(world.StateOf(kA) == SAGA_STATE_WAITING);
}

TEST_CASE(
    "a hold tells the reservation price and expiry, and is paid for with the signal's token") {
  OrchestratorWorld world(GENERATE(Engine::kModel, Engine::kSqlite));
  world.Boot();
  REQUIRE(world.StartHold(kA));
  const absl::Time expiry = FromProto(world.Get(kA).history(0).hold_expire_time());
  REQUIRE(absl::AbsDuration(expiry - world.test.wall() - absl::Minutes(10)) < absl::Seconds(1));
  world.SucceedUntil("hold_reservation");
  const auto& hold = LastBody<reservation::v1::HoldReservation>(world);
  REQUIRE(hold.price().amount_minor() == 4500);
  REQUIRE(FromProto(hold.expire_time()) == expiry);
  REQUIRE_FALSE(hold.has_payment_failure());
  REQUIRE_FALSE(hold.has_terms());
  world.Succeed();
  REQUIRE(FromProto(world.Get(kA).due_time()) == expiry);
  REQUIRE(Said(world.Submit(world.Payment(kA))) == "SUCCEEDED");
  REQUIRE(world.LastCall() == "charge_payment");
  REQUIRE(LastBody<payment::v1::ChargePaymentRequest>(world).sealed_payment_token() == "sealed-1");
  world.SucceedToTheEnd();
  REQUIRE(world.StateOf(kA) == SAGA_STATE_COMPLETED);
  world.RequireReplayGivesStoredState(kA);
}

TEST_CASE("the event's terms travel from the seats to the reservation") {
  OrchestratorWorld world;
  world.Boot();
  const bool holds = GENERATE(true, false);
  holds ? world.StartHold(kA) : world.Start(kA);
  CommandResult reserved = Succeeded(4500, "EUR");
  reserved.mutable_result()->mutable_terms()->add_refund_rules()->set_percent(50);
  world.Answer(reserved);
  if (holds) {
    REQUIRE(LastBody<reservation::v1::HoldReservation>(world).terms().refund_rules_size() == 1);
    world.Succeed();
    world.Submit(world.Payment(kA));
  }
  world.SucceedUntil("confirm_reservation");
  REQUIRE(LastBody<reservation::v1::ConfirmReservation>(world).terms().refund_rules_size() == 1);
}

TEST_CASE("a hold that nobody pays for is undone when it expires") {
  OrchestratorWorld world(GENERATE(Engine::kModel, Engine::kSqlite));
  Hold(world);
  SECTION("while the orchestrator runs") { world.test.Advance(absl::Minutes(10)); }
  SECTION("while it does not run") {
    world.Crash();
    world.test.Advance(absl::Hours(3));
    world.Boot();
  }
  REQUIRE(world.LastCall() == "release_seats");
  world.Succeed();
  REQUIRE(LastBody<reservation::v1::CancelReservation>(world).reason() == "HOLD_EXPIRED");
  world.SucceedToTheEnd();
  REQUIRE(world.StateOf(kA) == SAGA_STATE_COMPENSATED);
  REQUIRE(Said(world.Submit(world.Payment(kA))) == "REFUSED TOO_LATE");
  world.RequireReplayGivesStoredState(kA);
}

TEST_CASE("a hold survives a restart and expires neither earlier nor later") {
  OrchestratorWorld world(GENERATE(Engine::kModel, Engine::kSqlite));
  Hold(world);
  world.test.Advance(absl::Minutes(4));
  world.Crash();
  world.Boot();
  REQUIRE(world.calls() == 0);
  world.test.Advance(absl::Minutes(6) - absl::Seconds(1));
  REQUIRE(world.calls() == 0);
  world.test.Advance(absl::Seconds(1));
  REQUIRE(world.LastCall() == "release_seats");
}

TEST_CASE("a declined payment is told to the reservation, and the next one is a round of its own") {
  OrchestratorWorld world(GENERATE(Engine::kModel, Engine::kSqlite));
  Hold(world);
  world.Submit(world.Payment(kA));
  world.Refuse("PAYMENT_DECLINED");
  REQUIRE(world.LastCall() == "hold_reservation");
  const auto& hold = LastBody<reservation::v1::HoldReservation>(world);
  REQUIRE(hold.key().round() == 2);
  REQUIRE(hold.payment_failure().reason() == "PAYMENT_DECLINED");
  REQUIRE(hold.payment_failure().message() == "in words");
  world.Succeed();
  REQUIRE(world.Get(kA).reason() == "PAYMENT_DECLINED");
  SECTION("the first payment's signal again has no effect") {
    REQUIRE(Said(world.Submit(world.Payment(kA, 1))) == "SUCCEEDED");
    REQUIRE(world.StateOf(kA) == SAGA_STATE_WAITING);
  }
  SECTION("the second one charges its own token") {
    REQUIRE(Said(world.Submit(world.Payment(kA, 2))) == "SUCCEEDED");
    const auto& charge = LastBody<payment::v1::ChargePaymentRequest>(world);
    REQUIRE(charge.key().round() == 2);
    REQUIRE(charge.sealed_payment_token() == "sealed-2");
    world.SucceedToTheEnd();
    REQUIRE(world.StateOf(kA) == SAGA_STATE_COMPLETED);
  }
  world.RequireReplayGivesStoredState(kA);
}

TEST_CASE("a payment that overtakes the answer to the hold is kept, also through a crash") {
  OrchestratorWorld world(GENERATE(Engine::kModel, Engine::kSqlite));
  world.Boot();
  world.StartHold(kA);
  world.SucceedUntil("hold_reservation");
  REQUIRE(Said(world.Submit(world.Payment(kA))) == "SUCCEEDED");
  world.Crash();
  world.Boot();
  REQUIRE(world.LastCall() == "hold_reservation");
  world.Succeed();
  REQUIRE(world.LastCall() == "charge_payment");
  REQUIRE(LastBody<payment::v1::ChargePaymentRequest>(world).sealed_payment_token() == "sealed-1");
}

TEST_CASE("a signal is acknowledged only once it is durable") {
  OrchestratorWorld world(GENERATE(Engine::kModel, Engine::kSqlite));
  Hold(world);
  world.test.FailNextCommits(testing::kOrchestrator, 1, store::Committed::kNothing);
  SubmitSignalsRequest request;
  *request.add_signals() = world.Payment(kA);
  REQUIRE(absl::IsUnavailable(world.Call(orchestrator::kSubmitSignals, request).status()));
  world.test.Advance(absl::Seconds(1));
  REQUIRE(world.StateOf(kA) == SAGA_STATE_WAITING);
  REQUIRE(Said(world.Submit(world.Payment(kA))) == "SUCCEEDED");
  REQUIRE(world.LastCall() == "charge_payment");
}

TEST_CASE("an extension moves the timer, also through a crash") {
  OrchestratorWorld world(GENERATE(Engine::kModel, Engine::kSqlite));
  Hold(world);
  const CommandResult extended = world.Submit(world.Extension(kA, absl::Minutes(20)));
  REQUIRE(Said(extended) == "SUCCEEDED");
  const absl::Time until = FromProto(extended.result().expire_time());
  REQUIRE(FromProto(world.Get(kA).due_time()) == until);
  if (GENERATE(false, true)) {
    world.Crash();
    world.Boot();
  }
  world.test.Advance(absl::Minutes(20) - absl::Seconds(1));
  REQUIRE(world.StateOf(kA) == SAGA_STATE_WAITING);
  world.test.Advance(absl::Seconds(1));
  REQUIRE(world.LastCall() == "release_seats");
  world.SucceedToTheEnd();
  REQUIRE(Said(world.Submit(world.Extension(kA, absl::Hours(1)))) == "REFUSED TOO_LATE");
  world.RequireReplayGivesStoredState(kA);
}

TEST_CASE("holds that expire at once are all undone, a few at a time") {
  OrchestratorWorld world;
  world.Boot();
  constexpr int kHolds = 120;
  SubmitSignalsRequest extensions;
  for (int i = 0; i < kHolds; ++i) {
    const Id id = SagaId(static_cast<char>(i));
    REQUIRE(world.StartHold(id));
    world.SucceedUntil("hold_reservation");
    world.Succeed();
    *extensions.add_signals() = world.Extension(id, absl::Minutes(20));
  }
  REQUIRE(world.Call(orchestrator::kSubmitSignals, extensions).ok());  // now all expire together
  const size_t calls = world.calls();
  const absl::Time due = FromProto(world.Get(SagaId('\0')).due_time());
  world.test.Advance(due - world.test.wall());
  const size_t at_once = world.calls() - calls;
  REQUIRE(at_once > 0);
  REQUIRE(at_once < kHolds);
  REQUIRE(world.LastCall() == "release_seats");
  world.test.Advance(absl::Milliseconds(60));
  REQUIRE(world.calls() == calls + kHolds);
}

TEST_CASE("cancelling a confirmed reservation brings its saga back, and pays back what it says") {
  OrchestratorWorld world(GENERATE(Engine::kModel, Engine::kSqlite));
  world.Boot();
  world.Start(kA);
  world.SucceedToTheEnd();
  REQUIRE(world.StateOf(kA) == SAGA_STATE_COMPLETED);
  SagaSignal cancel = world.Cancellation(kA);
  auto& refund = *cancel.mutable_cancel()->mutable_data()->mutable_reservation()->mutable_refund();
  refund.set_amount_minor(2250);
  refund.set_currency("EUR");
  REQUIRE(Said(world.Submit(cancel)) == "SUCCEEDED");
  REQUIRE(world.LastCall() == "refund_payment");
  const auto refund_said = [&] {
    const auto body = LastBody<payment::v1::RefundPaymentRequest>(world);
    REQUIRE(body.refunds().refunds_size() == 1);
    REQUIRE(body.refunds().refunds(0).payment_id() == kA.ToString());
    return body.refunds().refunds(0).amount().amount_minor();
  };
  REQUIRE(refund_said() == 2250);
  SECTION("at once") {}
  SECTION("or after a crash") {
    world.Crash();
    world.Boot();
    REQUIRE(refund_said() == 2250);
  }
  REQUIRE(Said(world.Submit(cancel)) == "SUCCEEDED");
  world.Succeed();
  REQUIRE(world.LastCall() == "release_seats");
  world.Succeed();
  REQUIRE(LastBody<reservation::v1::CancelReservation>(world).reason() == "CANCELLED_BY_CLIENT");
  world.SucceedToTheEnd();
  REQUIRE(world.StateOf(kA) == SAGA_STATE_COMPENSATED);
  REQUIRE(Said(world.Submit(cancel)) == "SUCCEEDED");
  world.RequireReplayGivesStoredState(kA);
}

TEST_CASE("cancelling what is under way pays everything back") {
  OrchestratorWorld world;
  world.Boot();
  world.Start(kA);
  world.SucceedUntil("charge_payment");
  REQUIRE(Said(world.Submit(world.Cancellation(kA))) == "SUCCEEDED");
  world.Succeed();
  REQUIRE(world.LastCall() == "refund_payment");
  REQUIRE_FALSE(LastBody<payment::v1::RefundPaymentRequest>(world).has_refunds());
}

TEST_CASE("a signal for a saga that is not there is not lost: the sender asks again") {
  OrchestratorWorld world;
  world.Boot();
  REQUIRE(Said(world.Submit(world.Cancellation(kA))) == "UNKNOWN SAGA_NOT_FOUND");
}

TEST_CASE("many signals are answered in their order") {
  OrchestratorWorld world;
  Hold(world);
  SubmitSignalsRequest request;
  *request.add_signals() = world.Payment(SagaId('b'));
  *request.add_signals() = world.Payment(kA);
  *request.add_signals() = world.Cancellation(kA);
  *request.add_signals() = world.Extension(kA, absl::Hours(1));
  const auto response = world.Call(orchestrator::kSubmitSignals, request);
  REQUIRE(response.ok());
  REQUIRE(response->results_size() == 4);
  REQUIRE(Said(response->results(0)) == "UNKNOWN SAGA_NOT_FOUND");
  REQUIRE(Said(response->results(1)) == "SUCCEEDED");
  REQUIRE(Said(response->results(2)) == "SUCCEEDED");
  REQUIRE(Said(response->results(3)) == "REFUSED TOO_LATE");
}

TEST_CASE("a malformed signal names its field") {
  OrchestratorWorld world;
  Hold(world);
  SubmitSignalsRequest request;
  SagaSignal& signal = *request.add_signals();
  std::string field = "signals[0].";
  SECTION("no signal") {
    signal.set_saga_id(kA.ToString());
    field += "signal";
  }
  SECTION("no id") {
    signal = world.Payment(kA);
    signal.set_saga_id("7");
    field += "saga_id";
  }
  SECTION("no round") {
    signal = world.Payment(kA, 0);
    field += "resume.round";
  }
  SECTION("no step") {
    signal = world.Payment(kA);
    signal.mutable_resume()->clear_step();
    field += "resume.step";
  }
  SECTION("no token") {
    signal = world.Payment(kA);
    signal.mutable_resume()->mutable_data()->mutable_reservation()->clear_sealed_payment_token();
    field += "resume.data.reservation.sealed_payment_token";
  }
  SECTION("more than the token") {
    signal = world.Payment(kA);
    signal.mutable_resume()->mutable_data()->mutable_reservation()->set_user_id("eve");
    field += "resume.data.reservation";
  }
  SECTION("no data") {
    signal = world.Cancellation(kA);
    signal.mutable_cancel()->clear_data();
    field += "cancel.data";
  }
  SECTION("a negative refund") {
    signal = world.Cancellation(kA);
    signal.mutable_cancel()
        ->mutable_data()
        ->mutable_reservation()
        ->mutable_refund()
        ->set_amount_minor(-1);
    field += "cancel.data.reservation.refund.amount_minor";
  }
  SECTION("no time to hold") {
    signal = world.Extension(kA, absl::ZeroDuration());
    field += "extend_hold.hold_duration";
  }
  const auto response = world.Call(orchestrator::kSubmitSignals, request);
  REQUIRE(absl::IsInvalidArgument(response.status()));
  REQUIRE_THAT(std::string(response.status().message()), Catch::Contains(field));
}

TEST_CASE("a hold is not started on a version that cannot hold: the sender keeps it") {
  OrchestratorWorld world;
  world.options.newest_versions = {{"reservation", 1}};
  world.Boot();
  REQUIRE_FALSE(world.StartHold(kA));
  REQUIRE(world.last_start.ok());
  REQUIRE(world.Start(SagaId('b')));
  world.Crash();
  world.options.newest_versions.clear();
  world.Boot();
  REQUIRE(world.StartHold(kA));
}

TEST_CASE("a saga of version 1 in flight finishes as it began, and its client can cancel it") {
  OrchestratorWorld world(GENERATE(Engine::kModel, Engine::kSqlite));
  world.options.newest_versions = {{"reservation", 1}};
  world.Boot();
  world.Start(kA);
  world.SucceedUntil("charge_payment");
  world.Crash();
  world.options.newest_versions.clear();
  world.Boot();
  REQUIRE(world.Get(kA).definition_version() == 1);
  world.SucceedUntil("confirm_reservation");
  SECTION("it finishes") {
    world.SucceedToTheEnd();
    REQUIRE(world.StateOf(kA) == SAGA_STATE_COMPLETED);
  }
  SECTION("its client was faster") {
    world.Refuse("CANCELLED_BY_CLIENT");
    REQUIRE(world.StateOf(kA) == SAGA_STATE_PARKED);
    REQUIRE(Said(world.Submit(world.Cancellation(kA))) == "SUCCEEDED");
    REQUIRE(world.LastCall() == "refund_payment");
    world.SucceedToTheEnd();
    REQUIRE(world.StateOf(kA) == SAGA_STATE_COMPENSATED);
  }
  world.RequireReplayGivesStoredState(kA);
}

}  // namespace
}  // namespace seatsaga
