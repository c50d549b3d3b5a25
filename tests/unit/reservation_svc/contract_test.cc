// The participant's contract for hold, confirm and cancel, and the life of a reservation.
#include <catch2/catch.hpp>

#include "common/participant/desk.h"
#include "reservation_svc/reservation_errors.h"
#include "tests/unit/reservation_svc/facade.h"

namespace seatsaga::reservation::testing {
namespace {

using saga::v1::Outcome;
using saga::v1::OUTCOME_INVALID;
using saga::v1::OUTCOME_REFUSED;
using saga::v1::OUTCOME_SUCCEEDED;

TEST_CASE(
    "reservation: confirm makes it CONFIRMED at the price, again, the same answer and no effect") {
  Facade world;
  const Id id = world.CreateNew();
  CHECK(world.Do(Confirm(id)).outcome() == OUTCOME_SUCCEEDED);
  const absl::Time confirmed_at = world.test.wall();
  world.test.Advance(absl::Seconds(1));
  CHECK(world.Do(Confirm(id)).outcome() == OUTCOME_SUCCEEDED);
  const v1::Reservation stored = world.Get(id);
  CHECK(stored.state() == v1::RESERVATION_STATE_CONFIRMED);
  CHECK(stored.price().amount_minor() == 4200);
  CHECK(FromProto(stored.update_time()) == confirmed_at);
  CHECK(world.CountPending() == 0);
}

TEST_CASE(
    "reservation: cancel makes it CANCELLED for the reason, again, the same answer and no effect") {
  Facade world;
  const Id id = world.CreateNew();
  CHECK(world.Do(Cancel(id)).outcome() == OUTCOME_SUCCEEDED);
  const absl::Time cancelled_at = world.test.wall();
  world.test.Advance(absl::Seconds(1));
  world.Restart();  // the barrier is durable
  CHECK(world.Do(Cancel(id)).outcome() == OUTCOME_SUCCEEDED);
  const v1::Reservation stored = world.Get(id);
  CHECK(stored.state() == v1::RESERVATION_STATE_CANCELLED);
  CHECK(stored.reason() == "PAYMENT_DECLINED");
  CHECK(FromProto(stored.update_time()) == cancelled_at);
  CHECK(world.CountPending() == 0);
}

TEST_CASE("reservation: a command again with another body is INVALID and has no effect") {
  Facade world;
  const Id confirmed = world.CreateNew();
  world.Do(Confirm(confirmed, 4200));
  const CommandResult other_price = world.Do(Confirm(confirmed, 1));
  CHECK(other_price.outcome() == OUTCOME_INVALID);
  CHECK(other_price.reason() == participant::kKeyReused);
  CHECK(world.Get(confirmed).price().amount_minor() == 4200);

  const Id cancelled = world.CreateNew();
  world.Do(Cancel(cancelled, "SEAT_NOT_AVAILABLE"));
  CHECK(world.Do(Cancel(cancelled, "OTHER")).outcome() == OUTCOME_INVALID);
  CHECK(world.Get(cancelled).reason() == "SEAT_NOT_AVAILABLE");
}

TEST_CASE("reservation: a cancellation in other words is the same command") {
  Facade world;
  const Id id = world.CreateNew();
  auto cancel = Cancel(id);
  world.Do(cancel);
  cancel.mutable_cancel_reservation()->set_message("the bank declined");
  CHECK(world.Do(cancel).outcome() == OUTCOME_SUCCEEDED);
  CHECK(world.Get(id).message() == "the bank said no");
}

TEST_CASE("reservation: hold makes it HELD, again, the same answer and no effect") {
  Facade world;
  const Id id = IdOf(world.Create(world.NewHold()).value());
  const auto hold = Hold(id, world.test.wall() + absl::Minutes(15));
  CHECK(world.Do(hold).outcome() == OUTCOME_SUCCEEDED);
  SECTION("while it is HELD") {
    const std::string before = world.Get(id).SerializeAsString();
    world.test.Advance(absl::Seconds(1));
    world.Restart();
    CHECK(world.Do(hold).outcome() == OUTCOME_SUCCEEDED);
    CHECK(world.Get(id).SerializeAsString() == before);
  }
  SECTION("after it was paid for") {
    REQUIRE(world.Pay(world.NewPayment(id)).ok());
    CHECK(world.Do(hold).outcome() == OUTCOME_SUCCEEDED);
    CHECK(world.StateOf(id) == v1::RESERVATION_STATE_PENDING);
  }
  SECTION("after it was cancelled") {
    REQUIRE(world.CancelNow(world.NewCancellation(id)).ok());
    CHECK(world.Do(hold).outcome() == OUTCOME_SUCCEEDED);
    CHECK(world.StateOf(id) == v1::RESERVATION_STATE_CANCELLING);
  }
}

TEST_CASE("reservation: a hold again with another body is INVALID, but not in other words") {
  Facade world;
  const Id id = world.PayNew();
  const auto hold = HoldAgain(id, world.test.wall() + absl::Minutes(15), 2);
  REQUIRE(world.Do(hold).outcome() == OUTCOME_SUCCEEDED);
  const std::string before = world.Get(id).SerializeAsString();
  auto other = hold;
  auto& body = *other.mutable_hold_reservation();
  Outcome expected = OUTCOME_INVALID;
  SECTION("price") { body.mutable_price()->set_amount_minor(1); }
  SECTION("terms") { *body.mutable_terms() = TermsFrom(world.test.wall()); }
  SECTION("failure") { body.mutable_payment_failure()->set_reason("CARD_EXPIRED"); }
  SECTION("no failure") { body.clear_payment_failure(); }
  SECTION("message") {
    body.mutable_payment_failure()->set_message("declined by the bank");
    expected = OUTCOME_SUCCEEDED;
  }
  SECTION("expiry, which an extension has moved") {
    body.mutable_expire_time()->set_seconds(body.expire_time().seconds() + 60);
    expected = OUTCOME_SUCCEEDED;
  }
  CHECK(world.Do(other).outcome() == expected);
  CHECK(world.Get(id).SerializeAsString() == before);
}

TEST_CASE("reservation: a hold is refused without effect once there is nothing to hold") {
  Facade world;
  Id id;
  std::string_view reason;
  SECTION("no reservation") {
    id = world.NewId();
    CHECK(world.Do(Hold(id, world.test.wall())).reason() == kReservationNotFound);
    return;
  }
  SECTION("CONFIRMED") {
    id = world.PayNew();
    world.Do(Confirm(id));
    reason = kReservationConfirmed;
  }
  SECTION("CANCELLED") {
    id = world.HoldNew();
    world.Do(Cancel(id));
    reason = kReservationCancelled;
  }
  SECTION("CANCELLING") {
    id = world.HoldNew();
    REQUIRE(world.CancelNow(world.NewCancellation(id)).ok());
    reason = kCancelledByClient;
  }
  const std::string before = world.Get(id).SerializeAsString();
  const CommandResult result = world.Do(HoldAgain(id, world.test.wall(), 2));
  CHECK(result.outcome() == OUTCOME_REFUSED);
  CHECK(result.reason() == reason);
  CHECK(world.Get(id).SerializeAsString() == before);
}

TEST_CASE("reservation: a hold of a round that has passed has no effect") {
  Facade world;
  const Id id = world.PayNew();
  world.Do(HoldAgain(id, world.test.wall(), 3));
  const std::string before = world.Get(id).SerializeAsString();
  const CommandResult result = world.Do(HoldAgain(id, world.test.wall(), 2));
  CHECK(result.outcome() == OUTCOME_REFUSED);
  CHECK(result.reason() == kHoldRoundPassed);
  CHECK(world.Get(id).SerializeAsString() == before);
}

// As after a restored backup that lacks the payment.
TEST_CASE("reservation: a hold of a later round counts, also if its payment is not known here") {
  Facade world;
  const Id id = world.HoldNew();
  const std::string etag = world.Get(id).etag();
  const auto hold = HoldAgain(id, world.test.wall() + absl::Minutes(20), 2);
  CHECK(world.Do(hold).outcome() == OUTCOME_SUCCEEDED);
  world.Restart();
  const v1::Reservation held = world.Get(id);
  CHECK(held.payment_failure().reason() == "PAYMENT_DECLINED");
  CHECK(held.etag() != etag);
}

TEST_CASE("reservation: a HELD one is not confirmed, because nobody has paid for it") {
  Facade world;
  const Id id = world.HoldNew();
  const CommandResult result = world.Do(Confirm(id));
  CHECK(result.outcome() == OUTCOME_REFUSED);
  CHECK(result.reason() == kReservationHeld);
  CHECK(world.StateOf(id) == v1::RESERVATION_STATE_HELD);
}

TEST_CASE("reservation: confirm keeps the terms, and they are part of the command") {
  Facade world;
  const Id id = world.CreateNew();
  auto confirm = Confirm(id);
  *confirm.mutable_confirm_reservation()->mutable_terms() = TermsFrom(world.test.wall());
  CHECK(world.Do(confirm).outcome() == OUTCOME_SUCCEEDED);
  world.Restart();
  CHECK(world.Do(confirm).outcome() == OUTCOME_SUCCEEDED);
  CHECK(world.Do(Confirm(id)).outcome() == OUTCOME_INVALID);
  CHECK(world.Get(id).terms().SerializeAsString() ==
        confirm.confirm_reservation().terms().SerializeAsString());
}

TEST_CASE("reservation: a cancelled hold shows no failed payment, and keeps its first reason") {
  Facade world;
  const Id id = world.PayNew();
  world.Do(HoldAgain(id, world.test.wall(), 2));
  REQUIRE(world.Get(id).has_payment_failure());
  world.Do(Cancel(id, "HOLD_EXPIRED"));
  auto later = Cancel(id, "OTHER");
  later.mutable_cancel_reservation()->mutable_key()->set_step("another_step");
  CHECK(world.Do(later).outcome() == OUTCOME_SUCCEEDED);
  world.Restart();
  const v1::Reservation stored = world.Get(id);
  CHECK(stored.state() == v1::RESERVATION_STATE_CANCELLED);
  CHECK(stored.reason() == "HOLD_EXPIRED");
  CHECK_FALSE(stored.has_payment_failure());
}

TEST_CASE("reservation: cancel without a reservation succeeds, confirm without one is refused") {
  Facade world;
  const Id unknown = world.NewId();
  CHECK(world.Do(Cancel(unknown)).outcome() == OUTCOME_SUCCEEDED);
  const CommandResult result = world.Do(Confirm(unknown));
  CHECK(result.outcome() == OUTCOME_REFUSED);
  CHECK(result.reason() == kReservationNotFound);
}

TEST_CASE("reservation: a confirm that its compensation overtook is a late action") {
  Facade world;
  const Id id = world.CreateNew();
  auto cancel = Cancel(id);
  cancel.mutable_cancel_reservation()->mutable_key()->set_step("confirm_reservation");
  CHECK(world.Do(cancel).outcome() == OUTCOME_SUCCEEDED);
  const CommandResult late = world.Do(Confirm(id));
  CHECK(late.outcome() == OUTCOME_REFUSED);
  CHECK(late.reason() == participant::kLateAction);
  CHECK(world.Get(id).state() == v1::RESERVATION_STATE_CANCELLED);
}

TEST_CASE("reservation: a command of a fenced-off orchestrator is refused without effect") {
  Facade world;
  const Id id = world.CreateNew();
  world.Restart();  // the token that was taken is durable
  for (const auto& stale : {Confirm(id, 4200, kEpoch - 1), Cancel(id, "X", kEpoch - 1)}) {
    const CommandResult result = world.Do(stale);
    CHECK(result.outcome() == OUTCOME_REFUSED);
    CHECK(result.reason() == participant::kStaleFencingToken);
  }
  CHECK(world.Do(Confirm(id, 4200, kEpoch + 1)).reason() == participant::kFencingTokenNotTaken);
  CHECK(world.Get(id).state() == v1::RESERVATION_STATE_PENDING);
  CHECK(world.Do(Confirm(id)).outcome() == OUTCOME_SUCCEEDED);
}

TEST_CASE("reservation: confirm after cancel is refused, and it stays CANCELLED") {
  Facade world;
  const Id id = world.CreateNew();
  world.Do(Cancel(id));
  const CommandResult result = world.Do(Confirm(id));
  CHECK(result.outcome() == OUTCOME_REFUSED);
  CHECK(result.reason() == kReservationCancelled);
  CHECK(world.Get(id).state() == v1::RESERVATION_STATE_CANCELLED);
}

TEST_CASE("reservation: a CONFIRMED reservation can be cancelled, and keeps what was charged") {
  Facade world;
  const Id id = world.CreateNew();
  world.CreateNew();
  world.Do(Confirm(id));
  CHECK(world.Do(Cancel(id, "CANCELLED_BY_CLIENT")).outcome() == OUTCOME_SUCCEEDED);
  const v1::Reservation stored = world.Get(id);
  CHECK(stored.state() == v1::RESERVATION_STATE_CANCELLED);
  CHECK(stored.reason() == "CANCELLED_BY_CLIENT");
  CHECK(stored.price().amount_minor() == 4200);
  CHECK(world.CountPending() == 1);  // the other one: this had left PENDING before
}

TEST_CASE("reservation: later commands of a batch see what the earlier ones did") {
  Facade world;
  const Id id = world.CreateNew();
  const auto answer = world.SendCommands({Confirm(id), Confirm(id), Cancel(id)});
  const auto next_call = world.SendCommands({Confirm(id, 1)});
  world.test.Run();
  for (const CommandResult& result : (*answer)->results()) {
    CHECK(result.outcome() == OUTCOME_SUCCEEDED);
  }
  CHECK((*next_call)->results(0).outcome() == OUTCOME_INVALID);
  CHECK(world.Get(id).state() == v1::RESERVATION_STATE_CANCELLED);
}

TEST_CASE(
    "reservation: a command that breaks a rule is INVALID alone, the others of its call count") {
  Facade world;
  const Id id = world.CreateNew();
  auto no_price = Confirm(id);
  no_price.mutable_confirm_reservation()->clear_price();
  const auto answer = world.SendCommands(
      {no_price, v1::ReservationCommand(), Confirm(id, -1), Cancel(id, "lower case"), Confirm(id)});
  world.test.Run();
  const auto& results = (*answer)->results();
  REQUIRE(results.size() == 5);
  for (int i = 0; i < 4; ++i) {
    CHECK(results[i].outcome() == OUTCOME_INVALID);
    CHECK(results[i].reason() == "INVALID_REQUEST");
  }
  CHECK(results[0].message().find("price") != std::string::npos);
  CHECK(results[4].outcome() == OUTCOME_SUCCEEDED);
}

}  // namespace
}  // namespace seatsaga::reservation::testing
