// Holds: the wait for the payment, tries that are refused, extensions, expiry, and the races among
// them.
#include <catch2/catch.hpp>

#include "tests/unit/orchestrator/core/story.h"

// In a story, a call and its answer share a line.
// clang-format off
namespace seatsaga::core {
namespace {

const Event kCancel{.type = EventType::kCancelRequested};
const absl::Time kLater = kHoldEnds + absl::Minutes(5);

Story Reserved() { return Story().Holds().SucceedsUntil(Call::kHoldReservation); }
Story Holding() { return Reserved().Succeeds().IsWaiting(); }
Story Paying() { return Holding().PaymentIsSubmitted().Calls(Call::kChargePayment); }
Event Extension(absl::Time until) {
  return {.type = EventType::kHoldExtended, .hold_expiry = until};
}

TEST_CASE("a hold reserves, tells the reservation, waits for the payment, charges and confirms") {
  Story story = Story().Holds();
  story.Calls(Call::kReserveSeats).Succeeds()
      .Calls(Call::kHoldReservation).Succeeds()
      .IsWaiting();
  REQUIRE(story.state().due == kHoldEnds);
  story.PaymentIsSubmitted()
      .Calls(Call::kChargePayment).Succeeds()
      .Calls(Call::kConfirmReservation).SucceedsToTheEnd()
      .IsCompleted();
}

TEST_CASE("paying now passes over the hold and the wait") {
  Story().PaysNow()
      .Calls(Call::kReserveSeats).Succeeds()
      .Calls(Call::kChargePayment).Succeeds()
      .Calls(Call::kConfirmReservation);
}

TEST_CASE("a hold must expire") {
  Story().Rejects({.type = EventType::kStarted, .hold_mode = true}, "must expire");
  Holding().Rejects(Extension(absl::InfiniteFuture()), "must expire");
}

// --- Expiry

TEST_CASE("a hold that expires releases the seats and cancels") {
  Holding().WaitsForItsTimer()
      .Calls(Call::kReleaseSeats).Succeeds()
      .Calls(Call::kCancelReservation).Succeeds()
      .IsCompensated("HOLD_EXPIRED");
}

TEST_CASE("a hold that the reservation refuses is undone") {
  Reserved().Refused("CANCELLED_BY_CLIENT")
      .Calls(Call::kReleaseSeats).Succeeds()
      .Calls(Call::kCancelReservation).Succeeds()
      .IsCompensated("CANCELLED_BY_CLIENT");
}

TEST_CASE("a hold that may have been told is undone with the reservation's creation") {
  Reserved().Unknown(5)
      .Calls(Call::kReleaseSeats).Succeeds()
      .Calls(Call::kCancelReservation).Succeeds()
      .IsCompensated("OUTCOME_UNKNOWN");
}

TEST_CASE("a payment after the expiry is too late, even if the timer is slower") {
  Holding().TimeIs(kHoldEnds).Rejects(Story().Payment(), "expired");
}

TEST_CASE("a hold does not expire while its charge is under way, and lasts a while after it") {
  const absl::Time almost = kHoldEnds - absl::Seconds(1);
  Story story = Holding().TimeIs(almost).PaymentIsSubmitted().Calls(Call::kChargePayment);
  REQUIRE(story.state().due == absl::InfiniteFuture());
  story.TimeIs(kHoldEnds + absl::Seconds(5)).Refused("PAYMENT_DECLINED")
      .Calls(Call::kHoldReservation).Succeeds()
      .IsWaiting("PAYMENT_DECLINED");
  REQUIRE(story.state().due == almost + absl::Seconds(60));
}

TEST_CASE("a charge that succeeds after the hold would have expired is accepted") {
  Paying().TimeIs(kHoldEnds + absl::Minutes(1)).SucceedsToTheEnd().IsCompleted();
}

TEST_CASE("a long hold is not cut by a payment") {
  Paying().Refused("PAYMENT_DECLINED").Succeeds().IsWaiting("PAYMENT_DECLINED")
      .WaitsForItsTimer().Calls(Call::kReleaseSeats);
}

TEST_CASE("a wall clock that steps back makes a hold no longer than it was to be") {
  const absl::Time stepped_back = kNoon - absl::Hours(2);
  Story story = Paying().TimeIs(stepped_back).Refused("PAYMENT_DECLINED").Succeeds();
  REQUIRE(story.state().due == stepped_back + (kHoldEnds - kNoon));
  story.HoldIsExtendedUntil(stepped_back + absl::Hours(1)).PaymentIsSubmitted(2);
  story.TimeIs(stepped_back - absl::Hours(2)).Refused("PAYMENT_DECLINED").Succeeds();
  REQUIRE(story.state().due == stepped_back - absl::Hours(1));
}

// --- Refused payments

TEST_CASE("a refused charge leaves the hold for another try, as a round of its own") {
  Story story = Paying();
  story.Refused("PAYMENT_DECLINED").Calls(Call::kHoldReservation);
  REQUIRE(story.commands()[0].round == 2);
  story.Succeeds().IsWaiting("PAYMENT_DECLINED");
  REQUIRE(story.state().due == kHoldEnds);
  story.PaymentIsSubmitted(2).Calls(Call::kChargePayment);
  REQUIRE(story.commands()[0].round == 2);
  REQUIRE(story.state().hold->setback_reason.empty());
  story.SucceedsToTheEnd().IsCompleted();
}

TEST_CASE("why a payment was refused does not change when the saga is to be undone") {
  Story story = Paying().Refused("PAYMENT_DECLINED");
  story.Calls(Call::kHoldReservation).ClientCancels();
  REQUIRE(story.state().hold->setback_reason == "PAYMENT_DECLINED");
  REQUIRE(story.state().reason == "CANCELLED_BY_CLIENT");
}

TEST_CASE("when the tries are spent the hold is undone with the last refusal") {
  Story story = Holding();
  const int tries = ReservationSaga().steps[4].visits_max;
  for (int round = 1; round < tries; ++round) {
    story.PaymentIsSubmitted(round).Calls(Call::kChargePayment).Refused("PAYMENT_DECLINED")
        .Calls(Call::kHoldReservation).Succeeds();
  }
  story.PaymentIsSubmitted(tries).Refused("CARD_EXPIRED")
      .Calls(Call::kReleaseSeats).Succeeds()
      .Calls(Call::kCancelReservation).Succeeds()
      .IsCompensated("CARD_EXPIRED");
}

TEST_CASE("a hold that expires after a refused payment says that it expired") {
  Paying().Refused("PAYMENT_DECLINED").Succeeds().WaitsForItsTimer()
      .Calls(Call::kReleaseSeats).Succeeds()
      .Calls(Call::kCancelReservation).Succeeds()
      .IsCompensated("HOLD_EXPIRED");
}

TEST_CASE("the undo of a second charge closes its round and the one before") {
  Story story = Paying().Refused("PAYMENT_DECLINED").Succeeds().PaymentIsSubmitted(2);
  story.Unknown(5).Calls(Call::kRefundPayment);
  REQUIRE(story.commands()[0].round == 2);
}

TEST_CASE("a charge whose outcome stays unknown undoes the hold, the charge included") {
  Paying().Unknown(5)
      .Calls(Call::kRefundPayment).Succeeds()
      .Calls(Call::kReleaseSeats).Succeeds()
      .Calls(Call::kCancelReservation).Succeeds()
      .IsCompensated("OUTCOME_UNKNOWN");
}

TEST_CASE("answers to a round that is over are stale, wherever the saga is") {
  Story story = Paying();
  const Event charged = story.Answer(Outcome::kSucceeded);
  story.Refused("PAYMENT_DECLINED").Ignores(charged);
  const Event held = story.Answer(Outcome::kSucceeded);
  story.Succeeds().Ignores(charged).Ignores(held);
  story.PaymentIsSubmitted(2).Ignores(charged).Ignores(held).Calls(Call::kChargePayment);
}

// --- Signals

TEST_CASE("a payment that comes before the saga waits is kept, and taken once") {
  Story story = Reserved();
  story.PaymentIsSubmitted().CallsNothing();
  REQUIRE(story.state().call.under_way);
  story.Ignores(story.Payment(), "before");
  story.Succeeds().Calls(Call::kChargePayment).Ignores(story.Payment(), "before");
}

TEST_CASE("a payment for a visit that is over has no effect on the next one") {
  Story story = Paying();
  story.Ignores(story.Payment(1), "before");
  story.Refused("PAYMENT_DECLINED").Ignores(story.Payment(1), "before");
  story.Succeeds().Ignores(story.Payment(1), "before").IsWaiting("PAYMENT_DECLINED");
}

TEST_CASE("a payment for a visit to come is asked for again later") {
  Story story = Holding();
  REQUIRE(Advance(story.definition(), story.state(), [&] {
            Event event = story.Payment(2);
            event.now = kNoon;
            return event;
          }(), {}).disposition == Disposition::kNotYet);
}

TEST_CASE("who does not hold, or is being undone, takes no payment") {
  Story().PaysNow().Rejects(Story().Payment(), "does not hold");
  Holding().Rejects({.type = EventType::kSignalled}, "never waits");
  Holding().ClientCancels().Rejects(Story().Payment(), "CANCELLED_BY_CLIENT");
  Reserved().ClientCancels().Rejects(Story().Payment(), "about to be undone");
  Paying().SucceedsToTheEnd().IsCompleted().Ignores(Story().Payment());
}

// --- Extensions

TEST_CASE("an extension moves the expiry, now or when the saga comes to wait") {
  SECTION("waiting") {
    Story story = Holding().HoldIsExtendedUntil(kLater);
    REQUIRE(story.IsWaiting().state().due == kLater);
  }
  SECTION("before") {
    Story story = Reserved().HoldIsExtendedUntil(kLater).Succeeds();
    REQUIRE(story.IsWaiting().state().due == kLater);
  }
  SECTION("while paying") {
    Story story = Paying().HoldIsExtendedUntil(kLater).Refused("PAYMENT_DECLINED").Succeeds();
    REQUIRE(story.state().due == kLater);
  }
}

TEST_CASE("an extension never makes a hold shorter, and repeating it changes nothing") {
  Story story = Holding().HoldIsExtendedUntil(kLater);
  story.Ignores(Extension(kLater)).Ignores(Extension(kHoldEnds));
}

TEST_CASE("an extension comes too late for a hold that has ended, whichever way") {
  Story().PaysNow().Rejects(Extension(kLater), "does not hold");
  Holding().TimeIs(kHoldEnds).Rejects(Extension(kLater), "expired");
  Holding().WaitsForItsTimer().Rejects(Extension(kLater), "HOLD_EXPIRED");
  Holding().ClientCancels().Rejects(Extension(kLater), "CANCELLED_BY_CLIENT");
  Paying().ClientCancels().Rejects(Extension(kLater), "CANCELLED_BY_CLIENT");
  Paying().SucceedsToTheEnd().Rejects(Extension(kLater), "paid for");
}

TEST_CASE("a parked hold is extended, and takes up its timer when an operator retries it") {
  Story story = Holding();
  story.Applies({.type = EventType::kCallEnded, .step = 99, .attempt = 1});
  story.IsParked("IMPOSSIBLE_EVENT").HoldIsExtendedUntil(kLater);
  REQUIRE(story.state().due == absl::InfiniteFuture());
  REQUIRE(story.OperatorRetries().IsWaiting().state().due == kLater);
}

// --- The client cancels

TEST_CASE("cancelling a hold undoes at once") {
  Holding().ClientCancels().Calls(Call::kReleaseSeats);
}

TEST_CASE("a payment that is refused after a cancellation is not tried again") {
  Paying().ClientCancels().CallsNothing().Refused("PAYMENT_DECLINED")
      .Calls(Call::kReleaseSeats).Succeeds()
      .Calls(Call::kCancelReservation).Succeeds()
      .IsCompensated("CANCELLED_BY_CLIENT");
}

TEST_CASE("a cancellation that the reservation knows first refuses the pivot, and all is undone") {
  Story story = Paying().SucceedsUntil(Call::kConfirmReservation);
  SECTION("the saga hears of it from the refusal") { story.Refused("CANCELLED_BY_CLIENT"); }
  SECTION("or before") { story.ClientCancels().Refused("CANCELLED_BY_CLIENT"); }
  story.Calls(Call::kRefundPayment).Succeeds()
      .Calls(Call::kReleaseSeats).Succeeds()
      .Ignores(kCancel)
      .Calls(Call::kCancelReservation).Succeeds()
      .IsCompensated("CANCELLED_BY_CLIENT");
}

TEST_CASE("a saga of version 1 finishes as it began, and can be cancelled all the same") {
  const Definition& first = sagas::reservation::kVersions[0];
  const auto confirming = [&] {
    return Story({}, first).PaysNow().SucceedsUntil(Call::kConfirmReservation);
  };
  confirming().SucceedsToTheEnd().IsCompleted();
  confirming().Refused("RESERVATION_CANCELLED").IsParked("RESERVATION_CANCELLED");
  SECTION("the refusal comes first") {
    confirming().Refused("CANCELLED_BY_CLIENT").IsParked("CANCELLED_BY_CLIENT")
        .ClientCancels().Calls(Call::kRefundPayment).NeedsNobody();
  }
  SECTION("the cancellation comes first") {
    confirming().ClientCancels().Refused("CANCELLED_BY_CLIENT").Calls(Call::kRefundPayment);
  }
}

}  // namespace
}  // namespace seatsaga::core
