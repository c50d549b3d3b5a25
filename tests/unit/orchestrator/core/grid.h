#pragma once

#include <array>
#include <string>
#include <vector>

#include "common/text.h"
#include "orchestrator/core/advance.h"
#include "orchestrator/core/names.h"
#include "tests/unit/orchestrator/core/story.h"

// For the test of the whole grid: every event that could come, and what must hold of every answer.
namespace seatsaga::core {

// --- The axes ---

enum class Standing : uint8_t {
  kNotStarted,
  kUnderWay,
  kBackingOff,
  kFlagged,
  kParked,  // running
  kWaiting,
  kWaitingParked,
  kUndoing,
  kUndoingLater,
  kUndoingFlagged,
  kUndoingParked,
  kCompleted,
  kCompensated,
};
inline constexpr std::array<const char*, 13> kStandings{"not started",
                                                        "running, under way",
                                                        "running, backing off",
                                                        "running, flagged",
                                                        "running, parked",
                                                        "waiting",
                                                        "waiting, parked",
                                                        "compensating, under way",
                                                        "compensating, backing off",
                                                        "compensating, flagged",
                                                        "compensating, parked",
                                                        "completed",
                                                        "compensated"};
inline constexpr size_t kEventTypes = 9;

inline Standing StandingOf(const State& state) {
  using enum Standing;
  if (!IsStarted(state)) return kNotStarted;
  if (state.phase == Phase::kCompleted) return kCompleted;
  if (state.phase == Phase::kCompensated) return kCompensated;
  if (state.phase == Phase::kWaiting) return IsParked(state) ? kWaitingParked : kWaiting;
  const bool undoing = state.phase == Phase::kCompensating;
  if (IsParked(state)) return undoing ? kUndoingParked : kParked;
  if (state.parked.kind == ParkedKind::kFlagged) return undoing ? kUndoingFlagged : kFlagged;
  if (state.call.under_way) return undoing ? kUndoing : kUnderWay;
  return undoing ? kUndoingLater : kBackingOff;
}

// Every event that could come to this state, sensible or not.
inline std::vector<Event> AllEvents(const Definition& definition, const State& state) {
  std::vector<Event> events;
  const auto add = [&events](Event event) {
    if (event.now == absl::Time{}) event.now = kNoon;
    event.jitter = 0.5;
    events.push_back(std::move(event));
  };
  add({.type = EventType::kStarted});
  add({.type = EventType::kStarted, .hold_mode = true, .hold_expiry = kHoldEnds});
  add({.type = EventType::kStarted, .hold_mode = true});
  add({.type = EventType::kTimerFired});
  add({.type = EventType::kTimerFired, .now = state.due});
  for (const int step : {IndexOfWait(definition.steps), 0}) {
    for (int round = 0; round <= 3; ++round) {
      add({.type = EventType::kSignalled, .step = step, .round = round});
      add({.type = EventType::kSignalled, .now = state.due, .step = step, .round = round});
    }
  }
  add({.type = EventType::kHoldExtended});
  add({.type = EventType::kHoldExtended, .hold_expiry = kHoldEnds});
  add({.type = EventType::kHoldExtended, .hold_expiry = kHoldEnds + absl::Hours(1)});
  add({.type = EventType::kHoldExtended, .now = state.due, .hold_expiry = kHoldEnds});
  add({.type = EventType::kCancelRequested});
  add({.type = EventType::kOperatorRetried});
  add({.type = EventType::kOperatorCompensated});
  for (const EventType type : {EventType::kCallEnded, EventType::kProbeEnded}) {
    for (int step = -1; step <= static_cast<int>(definition.steps.size()); ++step) {
      for (const Direction direction : {Direction::kAction, Direction::kCompensation}) {
        for (int attempt = state.call.attempt - 1; attempt <= state.call.attempt + 1; ++attempt) {
          for (int outcome = 0; outcome <= 5; ++outcome) {  // 5 is no outcome
            for (int round = 0; round <= 3; ++round) {
              add({.type = type,
                   .step = step,
                   .direction = direction,
                   .round = round,
                   .attempt = attempt,
                   .outcome = static_cast<Outcome>(outcome),
                   .reason = "SAID_SO",
                   .message = "why"});
            }
          }
        }
      }
    }
  }
  return events;
}

// --- What must hold of every state, event and decision ---

inline bool IsAnswer(const Event& event) {
  return event.type == EventType::kCallEnded || event.type == EventType::kProbeEnded;
}

inline std::string WrongWithUnapplied(const State& state, const Decision& decision) {
  if (!(decision.next == state)) return "changed the state without being applied";
  if (!decision.commands.empty()) return "calls without being applied";
  if (decision.detail.empty()) return "does not say why it changes nothing";
  return "";
}

inline std::string WrongWithCommands(const Definition& definition, const State& state,
                                     const Event& event, const Decision& decision) {
  const State& next = decision.next;
  if (decision.commands.size() > 1) return "more than one call outstanding";
  if (decision.commands.empty()) {
    const bool goes_on = state.call.under_way && next.call.attempt == state.call.attempt &&
                         next.call.kind == state.call.kind && next.step == state.step;
    return next.call.under_way && !goes_on ? "a call is under way that nobody makes" : "";
  }
  const Command& command = decision.commands[0];
  if (Outstanding(definition, next) != command) return "the call is not the state's";
  if (command.call.IsNone()) return "calls nothing";
  if (command.deadline <= absl::ZeroDuration()) return "a call without a deadline";
  if (command.round != RoundOf(next, next.step)) return "the call is of another round";
  if (state.call.under_way && !IsAnswer(event)) return "a second call while one is under way";
  const bool same_key =
      IsStarted(state) && next.step == state.step && next.visits == state.visits &&
      (next.phase == Phase::kCompensating) == (state.phase == Phase::kCompensating);
  if (command.attempt != (same_key ? state.call.attempt + 1 : 1)) return "a wrong attempt number";
  return "";
}

inline std::string WrongWithCourse(const Definition& definition, const State& state,
                                   const Event& event, const State& next) {
  const bool by_request = event.type >= EventType::kSignalled;
  if (IsTerminal(state) &&
      !(state.phase == Phase::kCompleted && event.type == EventType::kCancelRequested)) {
    return "left a terminal state without a cancellation";
  }
  if (IsParked(state) && !by_request) return "a parked saga moved by itself";
  if (!IsStarted(state)) return "";
  if (state.phase == Phase::kCompensating) {
    if (next.phase != Phase::kCompensating && next.phase != Phase::kCompensated) {
      return "turned round a second time";
    }
    if (next.step > state.step) return "compensates upwards";
    if (next.reason != state.reason) return "forgot why it compensates";
    return "";
  }
  const StepKind kind = definition.steps[static_cast<size_t>(state.step)].kind;
  const bool is_last = state.step + 1 == static_cast<int>(definition.steps.size());
  const bool past_return = kind == StepKind::kPivot || kind == StepKind::kRetriable;
  if (next.phase == Phase::kCompensating && state.phase == Phase::kRunning && past_return) {
    const bool by_operator = event.type == EventType::kOperatorCompensated &&
                             kind == StepKind::kPivot && !state.call.in_doubt;
    const bool after_cancel =
        is_last && state.cancel_requested && event.outcome == Outcome::kSucceeded;
    const bool is_settled = kind == StepKind::kPivot && !state.call.in_doubt;
    const bool was_refused = kind == StepKind::kPivot && event.outcome == Outcome::kRefused;
    const bool by_client = event.type == EventType::kCancelRequested && is_settled;
    if (!by_operator && !after_cancel && !was_refused && !by_client) {
      return "undoes what may not be undone";
    }
  }
  return "";
}

// What is wrong with this decision; empty when nothing is.
inline std::string WrongWith(const Definition& definition, const State& state, const Event& event,
                             const Decision& decision) {
  switch (decision.disposition) {
    case Disposition::kIgnored:
    case Disposition::kRejected:
    case Disposition::kNotYet:
      return WrongWithUnapplied(state, decision);
    case Disposition::kApplied:
      break;
    default:
      return "no known disposition";
  }
  const State& next = decision.next;
  if (IsAnswer(event) && event.round != RoundOf(state, state.step) &&
      next.parked.reason != kImpossibleEvent) {
    return "took an answer of another round";
  }
  if (next.sequence != state.sequence + 1) return "a gap in the history";
  if (!IsCoherent(definition, next)) return "reaches a state that cannot be";
  if (IsTerminal(next) && !decision.commands.empty()) return "a finished saga calls";
  if (next.phase == Phase::kCompensating && next.reason.empty()) return "undoes without a reason";
  if (next.parked.kind != ParkedKind::kNot && next.parked.reason.empty())
    return "parked, no reason";
  if (const std::string wrong = WrongWithCommands(definition, state, event, decision);
      !wrong.empty()) {
    return wrong;
  }
  return WrongWithCourse(definition, state, event, next);
}

inline std::string Describe(const State& state, const Event& event) {
  return Cat(Name(event.type), " step ", event.step, " ", Name(event.direction), " attempt ",
             event.attempt, " ", Name(event.outcome), " | ",
             kStandings[static_cast<size_t>(StandingOf(state))], " step ", state.step, " ",
             Name(state.call.kind), " attempt ", state.call.attempt,
             state.cancel_requested ? ", cancel requested" : "",
             state.call.in_doubt ? ", in doubt" : "");
}

}  // namespace seatsaga::core
