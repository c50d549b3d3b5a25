// Going forward: start, the outcomes of actions and probes, signals and timers.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "common/text.h"
#include "orchestrator/core/transition.h"

namespace seatsaga::core {
namespace {

Decision OnSucceeded(const Turn& turn) {
  Transition transition(turn);
  const bool may_turn_round = turn.step().kind == StepKind::kCompensatable;
  if (turn.state.cancel_requested && may_turn_round) {
    transition.Undo(turn.state.step);
  } else {
    transition.GoForward(turn.state.step + 1);
  }
  return std::move(transition).Done();
}

bool MayGoBack(const Turn& turn) {
  const Step& step = turn.step();
  if (step.goes_back_to.empty() || !turn.state.hold.has_value()) return false;
  if (turn.state.cancel_requested) return false;
  return RoundOf(turn.state, turn.state.step) < step.visits_max;
}

// A definite "no" without effect: nothing of this step is left to undo. A pivot that is refused has
// not happened; unless its definition expects that, it is a bug or needs an operator.
Decision OnRefused(const Turn& turn) {
  Transition transition(turn);
  const bool expected = turn.step().may_be_refused ||
                        (turn.step().kind == StepKind::kPivot && turn.state.cancel_requested);
  if (MayGoBack(turn)) {
    transition.GoBack(ReasonOf(turn.event), turn.event.message);
  } else if (turn.step().kind == StepKind::kCompensatable || expected) {
    transition.Because(ReasonOf(turn.event), turn.event.message);
    transition.Undo(turn.state.step - 1);
  } else {
    transition.next().call.under_way = false;
    transition.next().call.in_doubt = false;
    transition.Park(ReasonOf(turn.event),
                    Cat(turn.step().name, " was refused: ", turn.event.message));
  }
  return std::move(transition).Done();
}

// A bug, and no reason to hold a customer's seats: undo. This step is undone too, because the key
// may be known with another body, whose effect would otherwise stay; undoing nothing does no harm.
Decision OnInvalid(const Turn& turn) {
  Transition transition(turn);
  if (turn.step().kind == StepKind::kCompensatable) {
    transition.Because(ReasonOf(turn.event), turn.event.message);
    transition.Undo(turn.state.step);
  } else {
    transition.next().call.under_way = false;  // in doubt only if an earlier attempt was
    transition.Park(ReasonOf(turn.event),
                    Cat(turn.step().name, " is invalid: ", turn.event.message));
  }
  return std::move(transition).Done();
}

// Nobody knows whether it happened: ask or try again; when the attempts are spent, undo what may
// have happened, or, past the point of no return, flag the saga and keep trying.
Decision OnUnknown(const Turn& turn) {
  Transition transition(turn);
  const Step& step = turn.step();
  const bool spent = transition.SpendAttempt();
  if (step.kind == StepKind::kCompensatable && (spent || turn.state.cancel_requested)) {
    transition.Because(kOutcomeUnknown,
                       Cat(step.name, " had no certain outcome after ", turn.state.call.attempt,
                           " attempts. Last: ", Explanation(turn.event)));
    transition.Undo(turn.state.step);
    return std::move(transition).Done();
  }
  if (spent) transition.Flag();
  transition.IssueLater(step.probe.IsNone() ? CallKind::kAction : CallKind::kProbe);
  return std::move(transition).Done();
}

// The action has not arrived, so far: an earlier attempt may still be on its way, so this step
// stays in doubt. Trying again costs no attempt of its own, as only an unknown one before can have
// led here.
Decision OnNotFound(const Turn& turn) {
  Transition transition(turn);
  if (turn.step().kind == StepKind::kCompensatable && turn.state.cancel_requested) {
    transition.Undo(turn.state.step);
  } else {
    transition.IssueLater(CallKind::kAction);
  }
  return std::move(transition).Done();
}

}  // namespace

Decision Start(const Turn& turn) {
  if (turn.event.hold_mode && turn.event.hold_expiry == absl::InfiniteFuture()) {
    return Rejected(turn, "a hold must expire");
  }
  Transition transition(turn);
  transition.next().definition_version = turn.definition.version;
  if (turn.event.hold_mode) transition.HoldUntil(turn.event.hold_expiry);
  transition.GoForward(0);
  return std::move(transition).Done();
}

Decision OnActionAnswered(const Turn& turn) {
  switch (turn.event.outcome) {
    case Outcome::kSucceeded:
      return OnSucceeded(turn);
    case Outcome::kRefused:
      return OnRefused(turn);
    case Outcome::kInvalid:
      return OnInvalid(turn);
    case Outcome::kNotFound:
      return OnNotFound(turn);
    case Outcome::kUnknown:
      break;
  }
  return OnUnknown(turn);
}

// A signal that comes before the saga does is kept for it: whoever sends it may have heard of the
// step before sooner than the saga.
Decision OnSignalled(const Turn& turn) {
  const State& state = turn.state;
  const int wait = IndexOfWait(turn.definition.steps);
  if (wait < 0 || turn.event.step != wait) return Rejected(turn, "this saga never waits for that");
  if (!state.hold.has_value()) {
    return Rejected(turn, "this saga does not hold: it waits for nothing");
  }
  if (state.phase == Phase::kCompensating || state.phase == Phase::kCompensated) {
    return Rejected(turn, Cat("too late: the saga is being undone: ", state.reason));
  }
  const int visits = state.visits[static_cast<size_t>(wait)];
  const bool waits_now = state.phase == Phase::kWaiting;
  if (turn.event.round <= std::max(state.hold->signalled, waits_now ? visits - 1 : visits)) {
    return Ignored(turn, "this signal has arrived before, or came too late for its visit");
  }
  if (IsTerminal(state) || state.cancel_requested) {
    return Rejected(turn, "too late: the saga has finished, or is about to be undone");
  }
  // The timer is already due: a signal after the expiry is too late, even if it is handled first.
  if (turn.event.now >= state.hold->expiry) return Rejected(turn, "too late: the hold has expired");
  if (IsParked(state)) return NotYet(turn, "the saga is parked and waits for an operator");
  if (turn.event.round > (waits_now ? visits : visits + 1) || state.step > wait) {
    return NotYet(turn, "the saga does not wait for this visit yet");
  }
  Transition transition(turn);
  if (waits_now) {
    transition.Resume(wait);
  } else {
    transition.next().hold->signalled = turn.event.round;
  }
  return std::move(transition).Done();
}

Decision OnTimerFired(const Turn& turn) {
  const bool has_timer = turn.state.due != absl::InfiniteFuture();
  if (!has_timer || turn.event.now < turn.state.due) return Ignored(turn, "nothing is due");
  Transition transition(turn);
  if (turn.state.phase == Phase::kWaiting) {
    transition.Because(turn.step().expires.reason, turn.step().expires.message);
    transition.Undo(turn.state.step);
  } else {
    transition.Issue(turn.state.call.kind);
  }
  return std::move(transition).Done();
}

}  // namespace seatsaga::core
