#pragma once

#include "absl/container/inlined_vector.h"
#include "orchestrator/core/definition.h"
#include "orchestrator/core/event.h"
#include "orchestrator/core/saga_state.h"

// Which transitions the rest of the company hears of. Pure; any thread may call it.
namespace seatsaga::core {

// At most one of the step that the saga leaves or undoes, then one of the step that it comes to.
using DomainEventList = absl::InlinedVector<DomainEventId, 2>;

// What `event` tells, which was applied to a saga in `before` and led to `after`. An attempt that
// is repeated tells nothing: a step is requested once per visit, and then either succeeds or fails.
// `says_what`: the participant says what its call did.
DomainEventList DomainEventsOf(const Definition& definition, const State& before,
                               const Event& event, const State& after, bool says_what);

}  // namespace seatsaga::core
