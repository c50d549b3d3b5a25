#pragma once

#include <string>

#include "absl/time/time.h"
#include "sagactl/style.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"

// A saga's history for people. Pure; thread-safe.
namespace seatsaga::cli {

// One line per entry of the history, in order: when it began (from the saga's creation), step,
// direction, attempt, outcome, duration and reason. One more line for the call or timer that a live
// saga waits for at `now`. On a terminal each line also has a bar on the saga's time axis.
std::string RenderTimeline(const orchestrator::v1::Saga& saga, absl::Time now, const Style& style);

// One entry as a line of its own, for `watch`. `origin` is the saga's creation.
std::string RenderHistoryLine(const orchestrator::v1::HistoryEntry& entry, absl::Time origin,
                              const Style& style);

// Whether the entry is an attempt, which has a beginning and an outcome, rather than a moment.
bool IsAttempt(const orchestrator::v1::HistoryEntry& entry);

// From the saga's creation; an attempt's is its start. Never negative.
absl::Duration StartOffset(const orchestrator::v1::HistoryEntry& entry, absl::Time origin);

}  // namespace seatsaga::cli
