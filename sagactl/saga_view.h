#pragma once

#include <span>
#include <string>

#include "absl/time/time.h"
#include "sagactl/style.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"

// Sagas and counts for people. Pure; thread-safe.
namespace seatsaga::cli {

// One line per saga. Ages are as of `now`.
std::string RenderSagaTable(std::span<const orchestrator::v1::Saga> sagas, absl::Time now,
                            const Style& style);

// Everything about one saga but its history. A parked one says first why, and what to do next.
std::string RenderSagaHeader(const orchestrator::v1::Saga& saga, absl::Time now,
                             const Style& style);

std::string RenderStats(const orchestrator::v1::GetStatsResponse& stats, absl::Time now,
                        const Style& style);

// How many live sagas are parked, by the stats.
int64_t ParkedCount(const orchestrator::v1::GetStatsResponse& stats);

Ink InkOf(orchestrator::v1::SagaState state);

}  // namespace seatsaga::cli
