// What people request of a saga: the client's cancellation, the operator's retry and compensation.
#include <string>
#include <string_view>
#include <utility>

#include "common/text.h"
#include "orchestrator/core/transition.h"

namespace seatsaga::core {
namespace {

bool IsBeingUndone(const State& state) {
  return state.phase == Phase::kCompensating || state.phase == Phase::kCompensated;
}

// An attempt under way is waited for, so that its compensation does not overtake it; a pivot that
// may have happened is finished first. Everything else can be undone at once, a doubtful step
// included.
bool MayUndoNow(const Turn& turn) {
  const State& state = turn.state;
  if (state.phase != Phase::kRunning) return true;
  if (state.call.under_way) return false;
  const StepKind kind = turn.step().kind;
  return kind == StepKind::kCompensatable ||
         (kind == StepKind::kPivot && IsParked(state) && !state.call.in_doubt);
}

Transition AskToUndo(const Turn& turn, std::string_view reason, std::string_view by_whom) {
  Transition transition(turn);
  transition.next().cancel_requested = true;
  transition.Because(reason, turn.event.message.empty() ? by_whom : turn.event.message);
  return transition;
}

}  // namespace

Decision OnCancelRequested(const Turn& turn) {
  if (IsBeingUndone(turn.state)) return Ignored(turn, "it is already being undone");
  if (turn.state.cancel_requested) return Ignored(turn, "cancellation was requested before");
  Transition transition = AskToUndo(turn, kCancelledByClient, "cancelled by the client");
  if (MayUndoNow(turn)) transition.Undo(turn.state.step);
  return std::move(transition).Done();
}

Decision OnHoldExtended(const Turn& turn) {
  const State& state = turn.state;
  if (!state.hold.has_value()) return Rejected(turn, "this saga does not hold");
  if (state.phase == Phase::kCompleted) return Rejected(turn, "too late: it has been paid for");
  if (IsBeingUndone(state) || state.cancel_requested) {
    return Rejected(turn, Cat("too late: the saga is being undone: ", state.reason));
  }
  if (turn.event.hold_expiry == absl::InfiniteFuture()) return Rejected(turn, "a hold must expire");
  const bool waits = state.phase == Phase::kWaiting;
  if (waits && turn.event.now >= state.hold->expiry) {
    return Rejected(turn, "too late: the hold has expired");
  }
  if (turn.event.hold_expiry <= state.hold->expiry) return Ignored(turn, "it lasts longer already");
  Transition transition(turn);
  transition.HoldUntil(turn.event.hold_expiry);
  if (waits && !IsParked(state)) transition.next().due = turn.event.hold_expiry;
  return std::move(transition).Done();
}

Decision OnOperatorCompensated(const Turn& turn) {
  const State& state = turn.state;
  if (state.phase == Phase::kCompensated) return Rejected(turn, "it is already undone");
  if (state.phase == Phase::kCompensating) {
    return Rejected(turn, "it is already being undone; retry the saga to make it try again now");
  }
  const Step& step = turn.step();
  if (state.phase == Phase::kCompleted || step.kind == StepKind::kRetriable) {
    return Rejected(
        turn, "it is past its pivot: a confirmed reservation is undone only by cancelling it");
  }
  const bool at_pivot = step.kind == StepKind::kPivot;
  if (at_pivot && (state.call.under_way || state.call.in_doubt)) {
    return Rejected(turn, Cat("it is not known whether ", step.name,
                              " has happened; retry the saga until it is known"));
  }
  if (!at_pivot && state.cancel_requested) return Ignored(turn, "it is about to be undone");
  Transition transition = AskToUndo(turn, kCancelledByOperator, "cancelled by an operator");
  if (at_pivot || MayUndoNow(turn)) transition.Undo(state.step);
  return std::move(transition).Done();
}

Decision OnOperatorRetried(const Turn& turn) {
  const State& state = turn.state;
  if (IsTerminal(state)) return Rejected(turn, "nothing is outstanding: the saga has finished");
  if (state.phase == Phase::kWaiting && !IsParked(state)) {
    return Rejected(turn, "nothing is outstanding: the saga waits for a signal or its expiry");
  }
  Transition transition(turn);
  State& next = transition.next();
  next.parked = {};
  next.call.unknown_count = 0;
  if (state.phase == Phase::kWaiting) {
    next.due = next.hold->expiry;
  } else if (!state.call.under_way) {  // else it is being tried right now
    transition.Issue(state.call.kind);
  }
  return std::move(transition).Done();
}

}  // namespace seatsaga::core
