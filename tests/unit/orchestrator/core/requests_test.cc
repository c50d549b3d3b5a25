// Cancellation, and what operators may ask.
#include <catch2/catch.hpp>

#include "tests/unit/orchestrator/core/story.h"

// In a story, a call and its answer share a line.
// clang-format off
namespace seatsaga::core {
namespace {

const Event kCancel{.type = EventType::kCancelRequested};
const Event kRetry{.type = EventType::kOperatorRetried};
const Event kCompensate{.type = EventType::kOperatorCompensated};

Story Holding() {
  return Story().Holds().SucceedsUntil(Call::kHoldReservation).Succeeds().IsWaiting();
}
Story Reserving() { return Story().PaysNow().SucceedsUntil(Call::kReserveSeats); }
Story Charging() { return Reserving().SucceedsUntil(Call::kChargePayment); }
Story Confirming() { return Charging().SucceedsUntil(Call::kConfirmReservation); }
Story Completed() { return Confirming().SucceedsToTheEnd().IsCompleted(); }

// --- The client cancels ---

TEST_CASE("cancelling while an attempt is under way waits for its outcome") {
  SECTION("it succeeded: undo it") {
    Charging().ClientCancels().CallsNothing().Succeeds()
        .Calls(Call::kRefundPayment).Succeeds()
        .Calls(Call::kReleaseSeats).Succeeds()
        .Calls(Call::kCancelReservation).Succeeds()
        .IsCompensated("CANCELLED_BY_CLIENT");
  }
  SECTION("it was refused: undo the steps before it") {
    Charging().ClientCancels().CallsNothing().Refused("PAYMENT_DECLINED")
        .Calls(Call::kReleaseSeats).Succeeds()
        .Calls(Call::kCancelReservation).Succeeds()
        .IsCompensated("CANCELLED_BY_CLIENT");
  }
  SECTION("it is unknown: undo it without another attempt") {
    Charging().ClientCancels().CallsNothing().Unknown().Calls(Call::kRefundPayment);
  }
  SECTION("its probe does not find it: undo it, for it may still arrive") {
    Charging().Unknown().WaitsForItsTimer()
        .Calls(Call::kProbePayment)
        .ClientCancels().CallsNothing().NotFound()
        .Calls(Call::kRefundPayment);
  }
}

TEST_CASE("cancelling while backing off undoes at once, the doubtful step included") {
  Charging().Unknown().ClientCancels().Calls(Call::kRefundPayment);
}

TEST_CASE("cancelling during the pivot finishes the pivot, then undoes") {
  Confirming().ClientCancels().CallsNothing().Unknown().WaitsForItsTimer()
      .Calls(Call::kConfirmReservation).SucceedsToTheEnd()
      .Calls(Call::kRefundPayment).Succeeds()
      .Calls(Call::kReleaseSeats).Succeeds()
      .Calls(Call::kCancelReservation).Succeeds()
      .IsCompensated("CANCELLED_BY_CLIENT");
}

TEST_CASE("cancelling a confirmed reservation refunds, releases, cancels") {
  Completed().ClientCancels()
      .Calls(Call::kRefundPayment).Succeeds()
      .Calls(Call::kReleaseSeats).Succeeds()
      .Calls(Call::kCancelReservation).Succeeds()
      .IsCompensated("CANCELLED_BY_CLIENT");
}

TEST_CASE("cancelling twice, or what is already being undone, changes nothing") {
  Charging().ClientCancels().Ignores(kCancel);
  Charging().Refused("PAYMENT_DECLINED").Ignores(kCancel);
  Reserving().Refused("SEAT_NOT_FOUND").Succeeds().IsCompensated("SEAT_NOT_FOUND").Ignores(kCancel);
}

// --- The operator retries ---

TEST_CASE("an operator's retry of a parked call tries at once, with a new attempt number") {
  Story story = Confirming();
  story.Invalid("BAD_PRICE").IsParked("BAD_PRICE").OperatorRetries().NeedsNobody();
  story.Calls(Call::kConfirmReservation);
  REQUIRE(story.commands()[0].attempt == 2);
  story.SucceedsToTheEnd().IsCompleted();
}

TEST_CASE("an operator's retry gives fresh attempts") {
  Story story = Charging();
  story.Unknown(4).OperatorRetries().Calls(Call::kProbePayment);
  REQUIRE(story.state().call.unknown_count == 0);
  REQUIRE(story.state().call.attempt == 5);
  story.Unknown(4).WaitsForItsTimer().Calls(Call::kProbePayment).Unknown();
  story.Calls(Call::kRefundPayment);
}

TEST_CASE("an operator's retry while the call is under way makes no second call") {
  Charging().OperatorRetries().CallsNothing().Succeeds().Calls(Call::kConfirmReservation);
}

TEST_CASE("an operator's retry of a parked compensation goes on undoing") {
  Charging().Refused("PAYMENT_DECLINED")
      .Calls(Call::kReleaseSeats).Refused("NO_RIGHT").IsParked("NO_RIGHT")
      .OperatorRetries()
      .Calls(Call::kReleaseSeats).Succeeds()
      .Calls(Call::kCancelReservation).Succeeds()
      .IsCompensated("PAYMENT_DECLINED");
}

TEST_CASE("there is nothing to retry in a finished or waiting saga") {
  Completed().Rejects(kRetry, "nothing is outstanding");
  Reserving().Refused("SEAT_NOT_FOUND").Succeeds().Rejects(kRetry, "nothing is outstanding");
  Holding().Rejects(kRetry, "nothing is outstanding");
}

// --- The operator compensates ---

TEST_CASE("an operator may undo what has not passed its pivot") {
  Holding().OperatorCompensates()
      .Calls(Call::kReleaseSeats).Succeeds()
      .Calls(Call::kCancelReservation).Succeeds()
      .IsCompensated("CANCELLED_BY_OPERATOR");
  Charging().Unknown().OperatorCompensates().Calls(Call::kRefundPayment);
  Charging().OperatorCompensates().CallsNothing().Ignores(kCompensate)
      .Succeeds().Calls(Call::kRefundPayment);
}

TEST_CASE("an operator may not undo a pivot that may have happened") {
  Confirming().Rejects(kCompensate, "confirm_reservation");
  Confirming().Unknown().Rejects(kCompensate, "not known");
  Confirming().Unknown().WaitsForItsTimer().Invalid("BAD_PRICE").Rejects(kCompensate, "not known");
}

TEST_CASE("an operator may not undo a pivot that was parked while it was under way") {
  Story story = Confirming();
  Event impossible = story.Answer(Outcome::kSucceeded);
  impossible.attempt = 9;
  story.Applies(impossible).IsParked("IMPOSSIBLE_EVENT").Rejects(kCompensate, "not known");
}

TEST_CASE("an operator may undo a pivot that has certainly not happened") {
  Confirming().Invalid("BAD_PRICE").IsParked("BAD_PRICE")
      .OperatorCompensates().NeedsNobody()
      .Calls(Call::kRefundPayment).Succeeds()
      .Calls(Call::kReleaseSeats).Succeeds()
      .Calls(Call::kCancelReservation).Succeeds()
      .IsCompensated("CANCELLED_BY_OPERATOR");
}

TEST_CASE("a client's earlier cancellation stays the reason when an operator undoes a pivot") {
  Confirming().ClientCancels().Invalid("BAD_PRICE").IsParked("BAD_PRICE")
      .OperatorCompensates()
      .Calls(Call::kRefundPayment).Succeeds().Succeeds().Succeeds()
      .IsCompensated("CANCELLED_BY_CLIENT");
}

TEST_CASE("an operator may not undo what is finished or being undone") {
  Completed().Rejects(kCompensate, "past its pivot");
  Charging().Refused("PAYMENT_DECLINED").Rejects(kCompensate, "retry");
  Reserving().Refused("SEAT_NOT_FOUND").Succeeds().Rejects(kCompensate, "already undone");
}

}  // namespace
}  // namespace seatsaga::core
