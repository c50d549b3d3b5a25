// Going forward: start, the outcomes of actions and probes, signals and timers.
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

// A definite "no" without effect: nothing of this step is left to undo.
Decision OnRefused(const Turn& turn) {
  Transition transition(turn);
  if (turn.step().kind == StepKind::kCompensatable) {
    transition.Because(ReasonOf(turn.event), turn.event.message);
    transition.Undo(turn.state.step - 1);
  } else {
    // Past the point of no return a "no" is a bug, or needs an operator.
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

// Where the definition waits for this signal; -1 if nowhere.
int StepWaitingFor(const Definition& definition, SignalId signal) {
  for (size_t i = 0; i < definition.steps.size(); ++i) {
    if (!signal.IsNone() && definition.steps[i].signal == signal) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace

Decision Start(const Turn& turn) {
  if (turn.event.hold_mode && turn.event.hold_expiry == absl::InfiniteFuture()) {
    return Rejected(turn, "a hold must expire");
  }
  Transition transition(turn);
  transition.next().definition_version = turn.definition.version;
  transition.next().hold_mode = turn.event.hold_mode;
  if (turn.event.hold_mode) transition.next().hold_expiry = turn.event.hold_expiry;
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

Decision OnSignalled(const Turn& turn) {
  const State& state = turn.state;
  const int waits_at = StepWaitingFor(turn.definition, turn.event.signal);
  if (waits_at < 0) return Rejected(turn, "this saga never waits for this signal");
  if (!state.hold_mode) return Rejected(turn, "this saga does not hold: it needs no signal");
  if (state.phase == Phase::kCompensating || state.phase == Phase::kCompensated) {
    return Rejected(turn, Cat("too late: the saga is being undone: ", state.reason));
  }
  if (state.step > waits_at || state.phase == Phase::kCompleted) {
    return Ignored(turn, "this signal has arrived before");
  }
  if (state.step < waits_at) return Rejected(turn, "too early: the saga does not wait yet");
  if (IsParked(state)) return Rejected(turn, "the saga is parked and waits for an operator");
  // The timer is already due: a signal after the expiry is too late, even if it is handled first.
  if (turn.event.now >= state.due) return Rejected(turn, "too late: the hold has expired");
  Transition transition(turn);
  transition.GoForward(state.step + 1);
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
