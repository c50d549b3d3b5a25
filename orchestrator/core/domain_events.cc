#include "orchestrator/core/domain_events.h"

namespace seatsaga::core {
namespace {

const DomainEvents& EventsOf(const Definition& definition, int step) {
  return definition.steps[static_cast<size_t>(step)].events;
}

// Whether the saga is at the step now, and has not been at this visit of it before.
bool HasCome(const State& before, const State& after) {
  const auto step = static_cast<size_t>(after.step);
  return after.phase == Phase::kRunning && before.visits[step] != after.visits[step];
}

bool HasLeft(const State& before, const State& after) {
  return before.phase == Phase::kRunning &&
         (after.phase != Phase::kRunning || after.step != before.step);
}

// As far as the steps after it show.
bool HasPassedPivot(const Definition& definition, const State& state) {
  for (size_t i = 0; i < definition.steps.size(); ++i) {
    if (definition.steps[i].kind == StepKind::kRetriable && state.visits[i] > 0) return true;
  }
  return false;
}

DomainEventId Undone(const Definition& definition, const DomainEvents& events, const State& state,
                     bool says_what) {
  if (events.undone_says_what && !says_what) return {};
  return events.undone_later.IsNone() || !HasPassedPivot(definition, state) ? events.undone
                                                                            : events.undone_later;
}

// What is told of the step that the saga was at.
DomainEventId OfStepBefore(const Definition& definition, const State& before, const Event& event,
                           const State& after, bool says_what) {
  const DomainEvents& events = EventsOf(definition, before.step);
  const bool succeeded = EndsAttempt(event.type) && event.outcome == Outcome::kSucceeded;
  if (HasLeft(before, after)) {
    if (!succeeded) return events.failed;
    return says_what || !events.succeeded_says_what ? events.succeeded : DomainEventId();
  }
  if (before.phase == Phase::kCompensating && succeeded) {
    return Undone(definition, events, before, says_what);
  }
  if (before.phase == Phase::kWaiting && event.type == EventType::kTimerFired) {
    return events.expired;
  }
  return {};
}

}  // namespace

DomainEventList DomainEventsOf(const Definition& definition, const State& before,
                               const Event& event, const State& after, bool says_what) {
  DomainEventList told;
  if (IsStarted(before)) {
    told.Add(OfStepBefore(definition, before, event, after, says_what));
  }
  if (HasCome(before, after)) told.Add(EventsOf(definition, after.step).requested);
  return told;
}

}  // namespace seatsaga::core
