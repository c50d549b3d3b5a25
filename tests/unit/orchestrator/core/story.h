#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "orchestrator/core/advance.h"
#include "orchestrator/core/names.h"
#include "orchestrator/sagas/reservation_saga.h"

// A language to tell what a reservation's saga does, as given / expect:
//
//   Story().PaysNow()
//       .Calls(Call::kReserveSeats).Refused("SEAT_NOT_AVAILABLE")
//       .Calls(Call::kCancelReservation).Succeeds()
//       .IsCompensated("SEAT_NOT_AVAILABLE");
//
// A story runs the newest version. It names the calls that it is about, and goes over the others
// with SucceedsUntil and SucceedsToTheEnd: so a version with more steps needs no other stories.
//
// Time stands still unless a story moves it. One thread.
namespace seatsaga::core {

using sagas::Call;

inline const Definition& ReservationSaga() { return sagas::kReservation.versions.back(); }

inline const absl::Time kNoon = absl::FromUnixSeconds(1'800'000'000);
inline const absl::Time kHoldEnds = kNoon + absl::Minutes(10);

class Story {
 public:
  explicit Story(Limits limits = {}, const Definition& definition = ReservationSaga())
      : definition_(definition), limits_(limits) {}

  // --- What happens ---
  Story& PaysNow() { return Applies({.type = EventType::kStarted}); }
  Story& Holds() {
    return Applies({.type = EventType::kStarted, .hold_mode = true, .hold_expiry = kHoldEnds});
  }
  Story& Succeeds() { return Answers(Outcome::kSucceeded); }
  // The call under way succeeds, and so does each step's after it, in the order of the definition,
  // until this action is called.
  Story& SucceedsUntil(Call call) {
    size_t step = 0;
    while (step < definition_.steps.size() && definition_.steps[step].action != call) ++step;
    return SucceedsBefore(step).Calls(call);
  }
  Story& SucceedsToTheEnd() { return SucceedsBefore(definition_.steps.size()); }
  Story& Refused(std::string reason) { return Answers(Outcome::kRefused, std::move(reason)); }
  Story& Invalid(std::string reason) { return Answers(Outcome::kInvalid, std::move(reason)); }
  Story& Unknown() { return Answers(Outcome::kUnknown, "DEADLINE_EXCEEDED"); }
  Story& NotFound() { return Answers(Outcome::kNotFound); }
  Story& ClientCancels() { return Applies({.type = EventType::kCancelRequested}); }
  Story& OperatorRetries() { return Applies({.type = EventType::kOperatorRetried}); }
  Story& OperatorCompensates() { return Applies({.type = EventType::kOperatorCompensated}); }
  Story& PaymentIsSubmitted(int round = 1) { return Applies(Payment(round)); }
  Story& HoldIsExtendedUntil(absl::Time until) {
    return Applies({.type = EventType::kHoldExtended, .hold_expiry = until});
  }
  Story& TimeIs(absl::Time now) {
    now_ = now;
    return *this;
  }
  // Its one timer is set, and fires when it is due.
  Story& WaitsForItsTimer() {
    REQUIRE(commands_.empty());
    REQUIRE(state_.due != absl::InfiniteFuture());
    now_ = state_.due;
    return Applies({.type = EventType::kTimerFired});
  }
  Story& Unknown(int times) {
    for (int i = 1; i < times; ++i) Unknown().WaitsForItsTimer();
    return Unknown();
  }
  Story& Applies(Event event) {
    INFO("event " << Name(event.type));
    const Decision decision = Send(std::move(event));
    INFO(decision.detail);
    REQUIRE(decision.disposition == Disposition::kApplied);
    return *this;
  }
  // `how` says why nothing changed.
  Story& Rejects(Event event, const std::string& how) {
    return ChangesNothing(std::move(event), Disposition::kRejected, how);
  }
  Story& Ignores(Event event, const std::string& how = "") {
    return ChangesNothing(std::move(event), Disposition::kIgnored, how);
  }
  Story& JitterIs(double jitter) {
    jitter_ = jitter;
    return *this;
  }

  // --- What is expected ---
  Story& Calls(Call call) {
    REQUIRE(commands_.size() == 1);
    REQUIRE(commands_[0].call.As<Call>() == call);
    REQUIRE(state_.call.under_way);
    return *this;
  }
  Story& CallsNothing() {
    REQUIRE(commands_.empty());
    return *this;
  }
  Story& IsCompleted() { return Stands(Phase::kCompleted, ""); }
  Story& IsCompensated(const std::string& reason) { return Stands(Phase::kCompensated, reason); }
  // `setback`: why the last try was refused.
  Story& IsWaiting(const std::string& setback = "") {
    REQUIRE(state_.hold->setback_reason == setback);
    return Stands(Phase::kWaiting, "");
  }
  Story& IsParked(const std::string& reason) { return NeedsAttention(ParkedKind::kParked, reason); }
  Story& IsFlagged() { return NeedsAttention(ParkedKind::kFlagged, "OUTCOME_UNKNOWN"); }
  Story& NeedsNobody() { return NeedsAttention(ParkedKind::kNot, ""); }

  // The signal that ends a wait.
  Event Payment(int round = 1) const {
    return {.type = EventType::kSignalled, .step = IndexOfWait(definition_.steps), .round = round};
  }
  // The answer to the attempt that is under way.
  Event Answer(Outcome outcome, std::string reason = "") const {
    return {.type = state_.call.kind == CallKind::kProbe ? EventType::kProbeEnded
                                                         : EventType::kCallEnded,
            .step = state_.step,
            .direction = state_.phase == Phase::kCompensating ? Direction::kCompensation
                                                              : Direction::kAction,
            .round = RoundOf(state_, state_.step),
            .attempt = state_.call.attempt,
            .outcome = outcome,
            .reason = std::move(reason),
            .message = "in words"};
  }

  const State& state() const { return state_; }
  const Definition& definition() const { return definition_; }
  const absl::InlinedVector<Command, 2>& commands() const { return commands_; }
  // The recorded events: what a store would keep as the history.
  const std::vector<Event>& history() const { return history_; }
  const Limits& limits() const { return limits_; }

 private:
  Story& Answers(Outcome outcome, std::string reason = "") {
    return Applies(Answer(outcome, std::move(reason)));
  }

  Story& SucceedsBefore(size_t end) {
    for (auto i = static_cast<size_t>(state_.step); i < end; ++i) {
      const Step& step = definition_.steps[i];
      if (step.action.IsNone() || (step.only_holds && !state_.hold.has_value())) continue;
      INFO("step " << step.name);
      REQUIRE(commands_.size() == 1);
      REQUIRE(commands_[0].step == static_cast<int>(i));
      REQUIRE(commands_[0].call ==
              (commands_[0].kind == CallKind::kProbe ? step.probe : step.action));
      Succeeds();
    }
    return *this;
  }

  Decision Send(Event event) {
    event.now = now_;
    event.jitter = jitter_;
    Decision decision = Advance(definition_, state_, event, limits_);
    if (decision.disposition == Disposition::kApplied) {
      history_.push_back(std::move(event));
      state_ = decision.next;
      commands_ = decision.commands;
    }
    return decision;
  }

  Story& ChangesNothing(Event event, Disposition disposition, const std::string& how) {
    INFO("event " << Name(event.type));
    const State before = state_;
    const Decision decision = Send(std::move(event));
    REQUIRE(decision.disposition == disposition);
    REQUIRE(decision.next == before);
    REQUIRE(decision.commands.empty());
    REQUIRE_THAT(decision.detail, Catch::Contains(how));
    return *this;
  }

  Story& Stands(Phase phase, const std::string& reason) {
    REQUIRE(Name(state_.phase) == Name(phase));
    REQUIRE(commands_.empty());
    REQUIRE(state_.reason == reason);
    return NeedsNobody();
  }

  Story& NeedsAttention(ParkedKind kind, const std::string& reason) {
    REQUIRE(Name(state_.parked.kind) == Name(kind));
    REQUIRE(state_.parked.reason == reason);
    return *this;
  }

  const Definition& definition_;
  Limits limits_;
  State state_;
  absl::InlinedVector<Command, 2> commands_;
  std::vector<Event> history_;
  absl::Time now_ = kNoon;
  double jitter_ = 0.5;
};

}  // namespace seatsaga::core
