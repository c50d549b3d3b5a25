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

// What is told of the step that the saga was at.
DomainEventId OfStepBefore(const DomainEvents& events, const State& before, const Event& event,
                           const State& after, bool says_what) {
  const bool succeeded = EndsAttempt(event.type) && event.outcome == Outcome::kSucceeded;
  if (HasLeft(before, after)) return succeeded ? events.succeeded : events.failed;
  if (before.phase == Phase::kCompensating && succeeded) {
    return says_what || !events.undone_says_what ? events.undone : DomainEventId();
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
    told.Add(OfStepBefore(EventsOf(definition, before.step), before, event, after, says_what));
  }
  if (HasCome(before, after)) told.Add(EventsOf(definition, after.step).requested);
  return told;
}

}  // namespace seatsaga::core
