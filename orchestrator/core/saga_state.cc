#include "orchestrator/core/saga_state.h"

namespace seatsaga::core {
namespace {

// The call that a running or compensating saga may be at.
bool HasItsCall(const Step& step, const State& state) {
  const CallKind kind = state.call.kind;
  if (state.phase == Phase::kCompensating) {
    return kind == CallKind::kCompensation && !step.compensation.IsNone();
  }
  return (kind == CallKind::kAction && !step.action.IsNone()) ||
         (kind == CallKind::kProbe && !step.probe.IsNone());
}

}  // namespace

bool IsCoherent(const Definition& definition, const State& state) {
  if (!IsStarted(state)) return state == State{};
  if (state.definition_version != definition.version) return false;
  if (state.step < 0 || state.step >= static_cast<int>(definition.steps.size())) return false;
  const Step& step = definition.steps[static_cast<size_t>(state.step)];
  const bool was_visited = state.visits[static_cast<size_t>(state.step)] > 0;
  const bool has_timer = state.due != absl::InfiniteFuture();
  switch (state.phase) {
    case Phase::kRunning:
    case Phase::kCompensating:
      return HasItsCall(step, state) && state.call.attempt > 0 &&
             (was_visited || state.phase == Phase::kCompensating) &&
             !(state.call.under_way && IsParked(state)) && has_timer == IsBackingOff(state);
    case Phase::kWaiting:
      return step.kind == StepKind::kWait && was_visited && state.hold.has_value() &&
             state.call == OutstandingCall{} && has_timer != IsParked(state);
    case Phase::kCompleted:
    case Phase::kCompensated:
      return state.call == OutstandingCall{} && state.parked == Parked{} && !has_timer;
  }
  return false;
}

}  // namespace seatsaga::core
