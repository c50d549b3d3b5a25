#pragma once

#include <string_view>

#include "orchestrator/core/event.h"
#include "orchestrator/core/saga_state.h"

// Names of the enumerators in lower_snake_case, for logs, evidence and reports. Pure; thread-safe.
namespace seatsaga::core {

std::string_view Name(StepKind kind);
std::string_view Name(Phase phase);
std::string_view Name(CallKind kind);
std::string_view Name(ParkedKind kind);
std::string_view Name(EventType type);
std::string_view Name(Direction direction);
std::string_view Name(Outcome outcome);

}  // namespace seatsaga::core
