// Duplicate, stale and impossible events; recovery; replay; damaged states.
#include <catch2/catch.hpp>

#include "tests/unit/orchestrator/core/story.h"

// In a story, a call and its answer share a line.
// clang-format off
namespace seatsaga::core {
namespace {

const int kStepCount = static_cast<int>(ReservationSaga().steps.size());

Story Charging() {
  return Story().PaysNow().SucceedsUntil(Call::kChargePayment);
}

TEST_CASE("starting a known saga again changes nothing") {
  Charging().Ignores({.type = EventType::kStarted}, "before");
}

TEST_CASE("a saga that has not started takes nothing but its start") {
  Story().Rejects({.type = EventType::kCancelRequested}, "not started");
  Story().Rejects({.type = EventType::kCallEnded}, "not started");
}

TEST_CASE("the same answer twice counts once") {
  Story story = Charging();
  const Event unknown = story.Answer(Outcome::kUnknown);
  story.Applies(unknown).Ignores(unknown);
  story.WaitsForItsTimer().Calls(Call::kProbePayment).Ignores(unknown);
}

TEST_CASE("an answer to an earlier attempt, step or direction is stale") {
  Story story = Story().PaysNow();
  const Event reserved = story.Answer(Outcome::kSucceeded);
  story.Unknown().WaitsForItsTimer().Ignores(reserved);
  story.SucceedsUntil(Call::kChargePayment).Ignores(reserved);
  const Event charged = story.Answer(Outcome::kSucceeded);
  story.Refused("PAYMENT_DECLINED").Calls(Call::kReleaseSeats).Ignores(charged).Ignores(reserved);
  const Event released = story.Answer(Outcome::kSucceeded);
  story.Succeeds().Calls(Call::kCancelReservation).Ignores(released);
  const Event cancelled = story.Answer(Outcome::kSucceeded);
  story.Succeeds().IsCompensated("PAYMENT_DECLINED").Ignores(cancelled).Ignores(charged);
}

TEST_CASE("a timer that is early or no longer set does nothing") {
  const Event timer{.type = EventType::kTimerFired};
  Charging().Ignores(timer);
  Charging().Unknown().Ignores(timer, "nothing is due");
}

TEST_CASE("an answer that no attempt can have had parks the saga with the evidence") {
  Story story = Charging();
  Event impossible = story.Answer(Outcome::kSucceeded);
  SECTION("a visit never made") { impossible.round = 2; }
  SECTION("an attempt never made") { impossible.attempt = 9; }
  SECTION("a step never reached") { impossible.step = kStepCount - 1; }
  SECTION("no step at all") { impossible.step = kStepCount; }
  SECTION("a negative step") { impossible.step = -1; }
  SECTION("a compensation never asked for") { impossible.direction = Direction::kCompensation; }
  SECTION("a probe never made") { impossible.type = EventType::kProbeEnded; }
  SECTION("an action that is not found") { impossible.outcome = Outcome::kNotFound; }
  SECTION("no known outcome") { impossible.outcome = static_cast<Outcome>(77); }
  story.Applies(impossible).CallsNothing().IsParked("IMPOSSIBLE_EVENT");
  REQUIRE_THAT(story.state().parked.message, Catch::Contains("while running at charge_payment"));
}

TEST_CASE("a parked saga ignores answers, keeps its doubt, and goes on when an operator says so") {
  Story story = Charging();
  const Event charged = story.Answer(Outcome::kSucceeded);
  Event impossible = charged;
  impossible.attempt = 9;
  story.Applies(impossible).Ignores(charged);
  SECTION("retry") { story.OperatorRetries().Calls(Call::kChargePayment).Succeeds(); }
  SECTION("compensate") { story.OperatorCompensates().Calls(Call::kRefundPayment); }
  SECTION("the client cancels") { story.ClientCancels().Calls(Call::kRefundPayment); }
  story.NeedsNobody();
}

TEST_CASE("a hold that was parked takes up its timer again") {
  Story story = Story().Holds().SucceedsUntil(Call::kHoldReservation).Succeeds().IsWaiting();
  story.Applies({.type = EventType::kCallEnded, .step = kStepCount - 1, .attempt = 1});
  story.IsParked("IMPOSSIBLE_EVENT");
  REQUIRE(story.state().due == absl::InfiniteFuture());
  story.OperatorRetries().IsWaiting();
  REQUIRE(story.state().due == kHoldEnds);
}

TEST_CASE("recovery asks again for what was under way, as the same attempt") {
  Story story = Charging();
  const std::optional<Command> again = Outstanding(story.definition(), story.state());
  REQUIRE(again.has_value());
  REQUIRE(*again == story.commands()[0]);
}

TEST_CASE("recovery asks for nothing that waits, is parked or has finished") {
  const auto asks = [](const Story& story) {
    return Outstanding(story.definition(), story.state()).has_value();
  };
  REQUIRE_FALSE(asks(Story()));
  REQUIRE_FALSE(asks(Charging().Unknown()));
  const auto confirming = [] { return Charging().SucceedsUntil(Call::kConfirmReservation); };
  REQUIRE_FALSE(asks(confirming().Invalid("BAD_PRICE").IsParked("BAD_PRICE")));
  REQUIRE_FALSE(asks(confirming().SucceedsToTheEnd().IsCompleted()));
}

TEST_CASE("replaying the history gives the same state again") {
  Story story = Charging();
  story.JitterIs(0.73).Unknown().WaitsForItsTimer().Calls(Call::kProbePayment).NotFound();
  story.JitterIs(0.11).WaitsForItsTimer().Unknown(2).OperatorRetries().Succeeds().Unknown(6);
  story.ClientCancels().WaitsForItsTimer().Succeeds().Unknown();
  State replayed;
  for (const Event& event : story.history()) {
    replayed = Advance(story.definition(), replayed, event, story.limits()).next;
  }
  REQUIRE(replayed == story.state());
  REQUIRE(replayed.sequence == static_cast<int64_t>(story.history().size()));
}

TEST_CASE("a damaged state, or one of another version, takes no event") {
  State state = Charging().state();
  SECTION("another version") { state.definition_version = ReservationSaga().version + 1; }
  SECTION("a step that is not there") { state.step = kStepCount; }
  SECTION("a step that it has not come to") { state.visits = {}; }
  SECTION("no call") { state.call = {}; }
  SECTION("a call that the step has not") { state.call.kind = CallKind::kCompensation; }
  SECTION("a timer while the call is under way") { state.due = kNoon; }
  SECTION("no such phase") { state.phase = static_cast<Phase>(9); }
  REQUIRE_FALSE(IsCoherent(ReservationSaga(), state));
  const Decision decision = Advance(ReservationSaga(), state,
                                    {.type = EventType::kCancelRequested, .now = kNoon}, {});
  REQUIRE(decision.disposition == Disposition::kRejected);
  REQUIRE(decision.next == state);
}

TEST_CASE("an event of no known type is rejected") {
  Charging().Rejects({.type = static_cast<EventType>(99)}, "no such event");
}

}  // namespace
}  // namespace seatsaga::core
