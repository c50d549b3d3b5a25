#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"
#include "tests/simulation/stage.h"

namespace seatsaga::simulation {

// What the orchestrator told of each saga, by its id, read from the beginning in a run that is at
// rest: the names of the events, in order. Adds to the violations whatever no consumer may ever
// see: a gap, an event twice, or a name that is told of no such saga.
std::map<std::string, std::vector<std::string>> ReadEvents(Stage& stage);

// What is wrong with the events of a saga, given its history: INTERNAL names both.
absl::Status CheckEvents(const orchestrator::v1::Saga& saga, const std::vector<std::string>& told);

}  // namespace seatsaga::simulation
