// What the reservation's saga does when all goes well, when a participant refuses, and when an
// outcome is not known.
#include <array>
#include <catch2/catch.hpp>
#include <chrono>

#include "tests/unit/orchestrator/core/story.h"

// In a story, a call and its answer share a line.
// clang-format off
namespace seatsaga::core {
namespace {

// A saga whose charge is under way.
Story Charging(Limits limits = {}) {
  return Story(limits).PaysNow().SucceedsUntil(Call::kChargePayment);
}

Story Confirming() { return Charging().SucceedsUntil(Call::kConfirmReservation); }

TEST_CASE("paying now reserves, charges and confirms") {
  Story().PaysNow()
      .Calls(Call::kReserveSeats).Succeeds()
      .Calls(Call::kChargePayment).Succeeds()
      .Calls(Call::kConfirmReservation).SucceedsToTheEnd()
      .IsCompleted();
}

TEST_CASE("refused seats cancel the reservation, and nothing is released or charged") {
  Story().PaysNow()
      .Calls(Call::kReserveSeats).Refused("SEAT_NOT_AVAILABLE")
      .Calls(Call::kCancelReservation).Succeeds()
      .IsCompensated("SEAT_NOT_AVAILABLE");
}

TEST_CASE("a refused charge releases the seats, then cancels, and refunds nothing") {
  Charging().Refused("PAYMENT_DECLINED")
      .Calls(Call::kReleaseSeats).Succeeds()
      .Calls(Call::kCancelReservation).Succeeds()
      .IsCompensated("PAYMENT_DECLINED");
}

TEST_CASE("an unknown reservation of seats is retried with the same key and the next attempt") {
  Story story;
  const int step = story.PaysNow().Calls(Call::kReserveSeats).commands()[0].step;
  story.Unknown().WaitsForItsTimer().Calls(Call::kReserveSeats);
  REQUIRE(story.commands()[0].attempt == 2);
  REQUIRE(story.commands()[0].step == step);
  REQUIRE(story.commands()[0].direction == Direction::kAction);
  story.SucceedsUntil(Call::kChargePayment);
  REQUIRE(story.commands()[0].attempt == 1);
}

TEST_CASE("seats that are unknown to the last attempt are released all the same") {
  Story().PaysNow()
      .Calls(Call::kReserveSeats).Unknown(5)
      .Calls(Call::kReleaseSeats).Succeeds()
      .Calls(Call::kCancelReservation).Succeeds()
      .IsCompensated("OUTCOME_UNKNOWN");
}

TEST_CASE("a refusal settles what earlier unknown attempts left open") {
  Story().PaysNow()
      .Calls(Call::kReserveSeats).Unknown(2).WaitsForItsTimer()
      .Calls(Call::kReserveSeats).Refused("SEAT_NOT_AVAILABLE")
      .Calls(Call::kCancelReservation);
}

TEST_CASE("an unknown charge is probed before it is tried again") {
  SECTION("it had been made: go on") {
    Charging().Unknown().WaitsForItsTimer()
        .Calls(Call::kProbePayment).SucceedsUntil(Call::kConfirmReservation);
  }
  SECTION("it had been declined: undo the steps before it") {
    Charging().Unknown().WaitsForItsTimer()
        .Calls(Call::kProbePayment).Refused("PAYMENT_DECLINED")
        .Calls(Call::kReleaseSeats);
  }
  SECTION("it had not arrived: charge again") {
    Charging().Unknown().WaitsForItsTimer()
        .Calls(Call::kProbePayment).NotFound().WaitsForItsTimer()
        .Calls(Call::kChargePayment).Succeeds()
        .Calls(Call::kConfirmReservation);
  }
  SECTION("nobody knows: probe again") {
    Charging().Unknown().WaitsForItsTimer()
        .Calls(Call::kProbePayment).Unknown().WaitsForItsTimer()
        .Calls(Call::kProbePayment);
  }
}

TEST_CASE("an unknown probe spends an attempt, and the last one undoes the charge too") {
  Charging({.attempts_max = 3}).Unknown(3)
      .Calls(Call::kRefundPayment).Succeeds()
      .Calls(Call::kReleaseSeats).Succeeds()
      .Calls(Call::kCancelReservation).Succeeds()
      .IsCompensated("OUTCOME_UNKNOWN");
}

TEST_CASE("a charge not found over and over ends in a refund, for it may still be on its way") {
  Charging({.attempts_max = 2}).Unknown().WaitsForItsTimer()
      .Calls(Call::kProbePayment).NotFound().WaitsForItsTimer()
      .Calls(Call::kChargePayment).Unknown()
      .Calls(Call::kRefundPayment);
}

TEST_CASE("every call, probes included, has its own attempt number") {
  Story story = Charging();
  REQUIRE(story.commands()[0].attempt == 1);
  story.Unknown().WaitsForItsTimer().Calls(Call::kProbePayment);
  REQUIRE(story.commands()[0].attempt == 2);
  story.NotFound().WaitsForItsTimer().Calls(Call::kChargePayment);
  REQUIRE(story.commands()[0].attempt == 3);
}

TEST_CASE("an invalid command is undone, its own step included, and never holds seats") {
  Charging().Invalid("IDEMPOTENCY_KEY_REUSED")
      .Calls(Call::kRefundPayment).Succeeds()
      .Calls(Call::kReleaseSeats).Succeeds()
      .Calls(Call::kCancelReservation).Succeeds()
      .IsCompensated("IDEMPOTENCY_KEY_REUSED");
}

TEST_CASE("a refusal without a reason still has one to show") {
  Charging().Refused("")
      .Calls(Call::kReleaseSeats).Succeeds()
      .Calls(Call::kCancelReservation).Succeeds()
      .IsCompensated("UNEXPLAINED");
}

TEST_CASE("the pivot never gives up: it is flagged, still retried, and then forgotten about") {
  Story story = Confirming();
  story.Unknown(4).NeedsNobody().WaitsForItsTimer().Calls(Call::kConfirmReservation);
  story.Unknown().IsFlagged();
  const absl::Time since = story.state().parked.since;
  story.WaitsForItsTimer().Calls(Call::kConfirmReservation).Unknown(20).IsFlagged();
  REQUIRE(story.state().parked.since == since);
  story.WaitsForItsTimer().Calls(Call::kConfirmReservation).SucceedsToTheEnd().IsCompleted();
}

TEST_CASE("a pivot that the reservation refuses has not happened: everything is undone") {
  Confirming().Refused("CANCELLED_BY_CLIENT")
      .Calls(Call::kRefundPayment).Succeeds()
      .Calls(Call::kReleaseSeats).Succeeds()
      .Calls(Call::kCancelReservation).Succeeds()
      .IsCompensated("CANCELLED_BY_CLIENT");
}

TEST_CASE("an invalid pivot parks with its reason until an operator acts") {
  Confirming().Invalid("BAD_PRICE").CallsNothing().IsParked("BAD_PRICE");
}

TEST_CASE("a compensation whose outcome is unknown is retried, flagged, and retried on") {
  Charging().Refused("PAYMENT_DECLINED")
      .Calls(Call::kReleaseSeats).Unknown(4).NeedsNobody().WaitsForItsTimer()
      .Calls(Call::kReleaseSeats).Unknown().IsFlagged().WaitsForItsTimer()
      .Calls(Call::kReleaseSeats).Unknown().IsFlagged().WaitsForItsTimer()
      .Calls(Call::kReleaseSeats).Succeeds().NeedsNobody()
      .Calls(Call::kCancelReservation).Succeeds()
      .IsCompensated("PAYMENT_DECLINED");
}

TEST_CASE("a compensation that is refused or invalid parks, and keeps why it compensates") {
  Story story = Charging();
  story.Refused("PAYMENT_DECLINED").Calls(Call::kReleaseSeats);
  SECTION("refused") { story.Refused("NO_RIGHT").CallsNothing().IsParked("NO_RIGHT"); }
  SECTION("invalid") { story.Invalid("BAD_STEP").CallsNothing().IsParked("BAD_STEP"); }
  REQUIRE(story.state().reason == "PAYMENT_DECLINED");
  REQUIRE(story.state().due == absl::InfiniteFuture());
}

TEST_CASE("a call that is flagged and then parked has needed attention since it was flagged") {
  Story story = Charging();
  story.Refused("PAYMENT_DECLINED").Calls(Call::kReleaseSeats).Unknown(5).IsFlagged();
  const absl::Time since = story.state().parked.since;
  story.WaitsForItsTimer().Refused("NO_RIGHT").IsParked("NO_RIGHT");
  REQUIRE(story.state().parked.since == since);
}

TEST_CASE("a retry is due after the backoff that the event's jitter gives") {
  Story story = Charging().JitterIs(0.25).Unknown();
  REQUIRE(story.state().due == kNoon + absl::Microseconds(12'500));
  story.WaitsForItsTimer().JitterIs(0.75).Unknown();
  REQUIRE(story.state().due == kNoon + absl::Microseconds(12'500 + 75'000));
}

TEST_CASE("a step's own number of attempts goes before the limits'") {
  static constexpr std::array kSteps{Step{.name = "book",
                                          .action = Call::kReserveSeats,
                                          .compensation = Call::kReleaseSeats,
                                          .attempts_max = 2,
                                          .attempt_deadline = std::chrono::seconds(1)}};
  static constexpr Definition kBook{.name = "book", .version = 1, .steps = kSteps};
  Story({.attempts_max = 5}, kBook).PaysNow().Unknown(2).Calls(Call::kReleaseSeats);
}

TEST_CASE("each call has its step's deadline") {
  Story story;
  const auto deadline = [&story] { return story.commands()[0].deadline; };
  story.PaysNow().SucceedsUntil(Call::kReserveSeats);
  REQUIRE(deadline() == absl::Milliseconds(500));
  story.SucceedsUntil(Call::kChargePayment);
  REQUIRE(deadline() == absl::Seconds(2));
  story.SucceedsUntil(Call::kConfirmReservation);
  REQUIRE(deadline() == absl::Milliseconds(500));
}

TEST_CASE("a saga comes to each step once, and its calls say so, whichever way it goes") {
  Story story = Charging();
  REQUIRE(story.commands()[0].round == 1);
  const Event reserved = story.Refused("PAYMENT_DECLINED").Answer(Outcome::kSucceeded);
  REQUIRE(story.commands()[0].round == 1);
  REQUIRE(reserved.round == 1);
  story.Succeeds().Calls(Call::kCancelReservation);  // of a step that the saga passed over
  REQUIRE(story.commands()[0].round == 1);
}

TEST_CASE("a command carries the visit of its step, and an answer to an earlier one is stale") {
  const Story story = Charging();
  State again = story.state();
  ++again.visits[static_cast<size_t>(again.step)];  // as if the saga had come back
  REQUIRE(IsCoherent(story.definition(), again));
  REQUIRE(Outstanding(story.definition(), again)->round == 2);
  Event charged = story.Answer(Outcome::kSucceeded);
  charged.now = kNoon;
  REQUIRE(Advance(story.definition(), again, charged, {}).disposition == Disposition::kIgnored);
  charged.round = 2;
  const Decision decision = Advance(story.definition(), again, charged, {});
  REQUIRE(decision.disposition == Disposition::kApplied);
  REQUIRE(decision.next.phase == Phase::kRunning);
  charged.round = 3;
  REQUIRE(Advance(story.definition(), again, charged, {}).next.parked.reason == kImpossibleEvent);
}

}  // namespace
}  // namespace seatsaga::core
