// The participant's contract (DESIGN §6) for confirm and cancel, and the life of a reservation.
#include <catch2/catch.hpp>

#include "tests/unit/reservation_svc/world.h"

namespace seatsaga::reservation {
namespace {

using saga::v1::OUTCOME_INVALID;
using saga::v1::OUTCOME_REFUSED;
using saga::v1::OUTCOME_SUCCEEDED;

TEST_CASE(
    "reservation: confirm makes it CONFIRMED at the price, again, the same answer and no effect") {
  ReservationWorld world;
  const Id id = world.CreateNew();
  CHECK(world.Do(ReservationWorld::Confirm(id)).outcome() == OUTCOME_SUCCEEDED);
  const absl::Time confirmed_at = world.now;
  world.now += absl::Seconds(1);
  CHECK(world.Do(ReservationWorld::Confirm(id)).outcome() == OUTCOME_SUCCEEDED);
  const Reservation stored = world.Stored(id).reservation;
  CHECK(stored.state == State::kConfirmed);
  CHECK(stored.price == Money{4200, "EUR"});
  CHECK(stored.update_time == confirmed_at);
  CHECK(world.book->pending() == 0);
}

TEST_CASE(
    "reservation: cancel makes it CANCELLED for the reason, again, the same answer and no effect") {
  ReservationWorld world;
  const Id id = world.CreateNew();
  CHECK(world.Do(ReservationWorld::Cancel(id)).outcome() == OUTCOME_SUCCEEDED);
  const absl::Time cancelled_at = world.now;
  world.now += absl::Seconds(1);
  world.Reopen();  // the barrier is durable
  CHECK(world.Do(ReservationWorld::Cancel(id)).outcome() == OUTCOME_SUCCEEDED);
  const Reservation stored = world.Stored(id).reservation;
  CHECK(stored.state == State::kCancelled);
  CHECK(stored.reason == "PAYMENT_DECLINED");
  CHECK(stored.update_time == cancelled_at);
  CHECK(world.book->pending() == 0);
}

TEST_CASE("reservation: a command again with another body is INVALID and has no effect") {
  ReservationWorld world;
  const Id confirmed = world.CreateNew();
  world.Do(ReservationWorld::Confirm(confirmed, 4200));
  const CommandResult other_price = world.Do(ReservationWorld::Confirm(confirmed, 1));
  CHECK(other_price.outcome() == OUTCOME_INVALID);
  CHECK(other_price.reason() == kKeyReused);
  CHECK(world.Stored(confirmed).reservation.price.amount_minor == 4200);

  const Id cancelled = world.CreateNew();
  world.Do(ReservationWorld::Cancel(cancelled, "SEAT_NOT_AVAILABLE"));
  CHECK(world.Do(ReservationWorld::Cancel(cancelled, "OTHER")).outcome() == OUTCOME_INVALID);
  CHECK(world.Stored(cancelled).reservation.reason == "SEAT_NOT_AVAILABLE");
}

TEST_CASE("reservation: cancel without a reservation succeeds, confirm without one is refused") {
  ReservationWorld world;
  const Id unknown = IdGenerator().Next(world.now);
  CHECK(world.Do(ReservationWorld::Cancel(unknown)).outcome() == OUTCOME_SUCCEEDED);
  const CommandResult result = world.Do(ReservationWorld::Confirm(unknown));
  CHECK(result.outcome() == OUTCOME_REFUSED);
  CHECK(result.reason() == kReservationNotFound);
}

TEST_CASE("reservation: a confirm that its compensation overtook is a late action") {
  ReservationWorld world;
  const Id id = world.CreateNew();
  auto cancel = ReservationWorld::Cancel(id);
  cancel.mutable_cancel_reservation()->set_step("confirm_reservation");
  CHECK(world.Do(cancel).outcome() == OUTCOME_SUCCEEDED);
  const CommandResult late = world.Do(ReservationWorld::Confirm(id));
  CHECK(late.outcome() == OUTCOME_REFUSED);
  CHECK(late.reason() == kLateAction);
  CHECK(world.Stored(id).reservation.state == State::kCancelled);
}

TEST_CASE("reservation: a command of a fenced-off orchestrator is refused without effect") {
  ReservationWorld world;
  const Id id = world.CreateNew();
  world.Do(ReservationWorld::Cancel(world.CreateNew(), "X", 7));
  for (const auto& stale :
       {ReservationWorld::Confirm(id, 4200, 6), ReservationWorld::Cancel(id, "X", 6)}) {
    const CommandResult result = world.Do(stale);
    CHECK(result.outcome() == OUTCOME_REFUSED);
    CHECK(result.reason() == kStaleFencingToken);
  }
  world.Reopen();
  CHECK(world.Do(ReservationWorld::Confirm(id, 4200, 6)).reason() == kStaleFencingToken);
  CHECK(world.Stored(id).reservation.state == State::kPending);
  CHECK(world.Do(ReservationWorld::Confirm(id, 4200, 7)).outcome() == OUTCOME_SUCCEEDED);
}

TEST_CASE("reservation: confirm after cancel is refused, and it stays CANCELLED") {
  ReservationWorld world;
  const Id id = world.CreateNew();
  world.Do(ReservationWorld::Cancel(id));
  const CommandResult result = world.Do(ReservationWorld::Confirm(id));
  CHECK(result.outcome() == OUTCOME_REFUSED);
  CHECK(result.reason() == kReservationCancelled);
  CHECK(world.Stored(id).reservation.state == State::kCancelled);
}

TEST_CASE("reservation: a CONFIRMED reservation can be cancelled, and keeps what was charged") {
  ReservationWorld world;
  const Id id = world.CreateNew();
  world.CreateNew();
  world.Do(ReservationWorld::Confirm(id));
  CHECK(world.Do(ReservationWorld::Cancel(id, "CANCELLED_BY_CLIENT")).outcome() ==
        OUTCOME_SUCCEEDED);
  const Reservation stored = world.Stored(id).reservation;
  CHECK(stored.state == State::kCancelled);
  CHECK(stored.reason == "CANCELLED_BY_CLIENT");
  CHECK(stored.price == Money{4200, "EUR"});
  CHECK(world.book->pending() == 1);  // the other one: this had left PENDING before
}

TEST_CASE("reservation: later commands of a batch see what the earlier ones did") {
  ReservationWorld world;
  const Id id = world.CreateNew();
  const auto answer = world.SendCommands(
      {ReservationWorld::Confirm(id), ReservationWorld::Confirm(id), ReservationWorld::Cancel(id)});
  const auto next_call = world.SendCommands({ReservationWorld::Confirm(id, 1)});
  REQUIRE(world.Run().ok());
  for (const CommandResult& result : *answer->value()) {
    CHECK(result.outcome() == OUTCOME_SUCCEEDED);
  }
  CHECK(next_call->value()->front().outcome() == OUTCOME_INVALID);
  CHECK(world.Stored(id).reservation.state == State::kCancelled);
}

TEST_CASE(
    "reservation: a command that breaks a rule is INVALID alone, the others of its call count") {
  ReservationWorld world;
  const Id id = world.CreateNew();
  auto no_price = ReservationWorld::Confirm(id);
  no_price.mutable_confirm_reservation()->clear_price();
  const auto answer = world.SendCommands(
      {no_price, v1::ReservationCommand(), ReservationWorld::Confirm(id, -1),
       ReservationWorld::Cancel(id, "lower case"), ReservationWorld::Confirm(id)});
  REQUIRE(world.Run().ok());
  const std::vector<CommandResult>& results = *answer->value();
  REQUIRE(results.size() == 5);
  for (size_t i = 0; i < 4; ++i) {
    CHECK(results[i].outcome() == OUTCOME_INVALID);
    CHECK(results[i].reason() == "INVALID_REQUEST");
  }
  CHECK(results[0].message().find("price") != std::string::npos);
  CHECK(results[4].outcome() == OUTCOME_SUCCEEDED);
}

}  // namespace
}  // namespace seatsaga::reservation
