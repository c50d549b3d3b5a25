#include "orchestrator/core/advance.h"

#include <utility>

#include "common/text.h"
#include "orchestrator/core/names.h"
#include "orchestrator/core/transition.h"

namespace seatsaga::core {
namespace {

enum class Timing : uint8_t { kAwaited, kStale, kImpossible };

// A saga goes forward through its steps, some of them more than once, may turn round once, and
// undoes them. An answer from a visit that it has already made is stale; one from a visit that it
// has not made is impossible.
Timing TimingOfPlace(const Event& event, const State& state) {
  const bool undone = event.direction == Direction::kCompensation;
  const bool undoing = state.phase == Phase::kCompensating;
  if (undone != undoing) return undone ? Timing::kImpossible : Timing::kStale;
  const int round = RoundOf(state, event.step);
  if (event.round != round) return event.round < round ? Timing::kStale : Timing::kImpossible;
  if (event.step == state.step) return Timing::kAwaited;
  if (undoing) return event.step > state.step ? Timing::kStale : Timing::kImpossible;
  const bool was_visited = state.visits[static_cast<size_t>(event.step)] > 0;
  return event.step < state.step || was_visited ? Timing::kStale : Timing::kImpossible;
}

Timing TimingOfAttempt(const Event& event, const OutstandingCall& call) {
  if (event.attempt < call.attempt) return Timing::kStale;
  if (event.attempt > call.attempt) return Timing::kImpossible;
  if (!call.under_way) return Timing::kStale;  // a duplicate: this attempt has ended
  const bool probe_ended = event.type == EventType::kProbeEnded;
  if (probe_ended != (call.kind == CallKind::kProbe)) return Timing::kImpossible;
  if (event.outcome > Outcome::kInvalid) return Timing::kImpossible;
  if (event.outcome == Outcome::kNotFound && !probe_ended) return Timing::kImpossible;
  return Timing::kAwaited;
}

Timing TimingOf(const Turn& turn) {
  const Event& event = turn.event;
  // These await nothing, so whatever ends now is late. An operator's retry repeats the call that a
  // saga made before it was parked.
  if (IsTerminal(turn.state) || IsParked(turn.state)) return Timing::kStale;
  if (event.step < 0 || event.step >= static_cast<int>(turn.definition.steps.size())) {
    return Timing::kImpossible;
  }
  const Timing place = TimingOfPlace(event, turn.state);
  return place == Timing::kAwaited ? TimingOfAttempt(event, turn.state.call) : place;
}

Decision ParkWithEvidence(const Turn& turn) {
  const Event& event = turn.event;
  const OutstandingCall& call = turn.state.call;
  Transition transition(turn);
  transition.Park(
      kImpossibleEvent,
      Cat(Name(event.type), " (step ", event.step, ", ", Name(event.direction), ", round ",
          event.round, ", attempt ", event.attempt, ", ", Name(event.outcome), ") while ",
          Name(turn.state.phase), " at ", turn.step().name, " (", Name(call.kind), ", attempt ",
          call.attempt, call.under_way ? ", under way)" : ")"));
  return std::move(transition).Done();
}

Decision OnAnswer(const Turn& turn) {
  switch (TimingOf(turn)) {
    case Timing::kStale:
      return Ignored(turn, "the answer to an attempt that is no longer awaited");
    case Timing::kImpossible:
      return ParkWithEvidence(turn);
    case Timing::kAwaited:
      break;
  }
  return turn.event.direction == Direction::kCompensation ? OnCompensationAnswered(turn)
                                                          : OnActionAnswered(turn);
}

}  // namespace

Decision Advance(const Definition& definition, const State& state, const Event& event,
                 const Limits& limits) {
  const Turn turn{definition, state, event, limits};
  if (!IsCoherent(definition, state)) {
    return Rejected(turn, Cat("no run of ", definition.name, " version ", definition.version,
                              " can be in the state of this saga"));
  }
  if (event.type == EventType::kStarted) {
    return IsStarted(state) ? Ignored(turn, "it has started before") : Start(turn);
  }
  if (!IsStarted(state)) return Rejected(turn, "the saga has not started");
  switch (event.type) {
    case EventType::kCallEnded:
    case EventType::kProbeEnded:
      return OnAnswer(turn);
    case EventType::kTimerFired:
      return OnTimerFired(turn);
    case EventType::kSignalled:
      return OnSignalled(turn);
    case EventType::kCancelRequested:
      return OnCancelRequested(turn);
    case EventType::kHoldExtended:
      return OnHoldExtended(turn);
    case EventType::kOperatorRetried:
      return OnOperatorRetried(turn);
    case EventType::kOperatorCompensated:
      return OnOperatorCompensated(turn);
    case EventType::kStarted:
      break;
  }
  return Rejected(turn, "there is no such event");
}

}  // namespace seatsaga::core
