#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "orchestrator/core/definition.h"
#include "orchestrator/core/event.h"
#include "orchestrator/core/saga_state.h"

// Which transitions the rest of the company hears of. Pure; any thread may call it.
namespace seatsaga::core {

// At most one of the step that the saga leaves or undoes, then one of the step that it comes to. A
// value of a few bytes, because every transition has one.
class DomainEventList {
 public:
  // Ignores none. Not more than two.
  constexpr void Add(DomainEventId one) {
    if (!one.IsNone()) ids_[size_++] = one;
  }
  constexpr size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr const DomainEventId* begin() const { return ids_.data(); }
  constexpr const DomainEventId* end() const { return ids_.data() + size_; }

 private:
  std::array<DomainEventId, 2> ids_{};
  uint8_t size_ = 0;
};

// What `event` tells, which was applied to a saga in `before` and led to `after`. An attempt that
// is repeated tells nothing: a step is requested once per visit, and then either succeeds or fails.
// `says_what`: the participant says what its call did.
DomainEventList DomainEventsOf(const Definition& definition, const State& before,
                               const Event& event, const State& after, bool says_what);

}  // namespace seatsaga::core
