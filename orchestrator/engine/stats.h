#pragma once

#include "absl/time/time.h"
#include "orchestrator/engine/engine.h"

namespace seatsaga::engine {

// Counts over the live sagas and the engine. Pure.
orchestrator::v1::GetStatsResponse StatsOf(const EngineMemory& memory, const EngineOptions& options,
                                           absl::Time now);

}  // namespace seatsaga::engine
