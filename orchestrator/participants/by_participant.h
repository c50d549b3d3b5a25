#pragma once

#include <vector>

#include "orchestrator/participants/participants.h"

namespace seatsaga::participants {

// Calls apart by who answers them, each in the order they came. A new step adds its calls here.
struct ByParticipant {
  std::vector<CallRequest> seats;
  std::vector<CallRequest> payments;
  std::vector<CallRequest> reservations;
};

// Pure; thread-safe.
ByParticipant Sort(std::vector<CallRequest> requests);

}  // namespace seatsaga::participants
