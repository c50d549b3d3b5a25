#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "orchestrator/core/advance.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"

// The transitions that sagas can make: what a saga was at, and what happened to it.
namespace seatsaga::simulation {

// One kind of transition, by its words.
struct TransitionName {
  // "new", "completed", or phase and step, and what else matters:
  // "running.charge_payment.backing_off", "compensating.reserve_seats.parked".
  std::string state;
  // "timer_fired", "call_ended.refused"; "impossible_answer" if no attempt can have ended so.
  std::string event;

  friend auto operator<=>(const TransitionName&, const TransitionName&) = default;
};

// All that sagas of one definition can make: found by trying every event, from the start on, in
// every state that one leads to. An immutable value.
class Transitions {
 public:
  Transitions(const core::Definition& definition, const core::Limits& limits);

  // In the order of their words. Below, a transition is its place among them.
  const std::vector<TransitionName>& names() const { return names_; }

  // Those of a saga, by the history that the API shows. INTERNAL if the rules of the core do not
  // lead from one entry to the next, and to where the saga is now.
  absl::StatusOr<std::vector<size_t>> Of(const orchestrator::v1::Saga& saga) const;

 private:
  std::optional<size_t> Find(const core::State& before, const core::Event& event,
                             const core::Decision& decision) const;

  const core::Definition& definition_;
  const core::Limits limits_;
  std::vector<TransitionName> names_;
  std::map<uint32_t, size_t> places_;  // by their keys
};

}  // namespace seatsaga::simulation
