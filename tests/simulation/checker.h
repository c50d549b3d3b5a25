#pragma once

#include <string>
#include <vector>

#include "tests/simulation/history.h"

namespace seatsaga::simulation {

// What in this history no honest system could have shown: one sentence of evidence for each, in an
// order that depends on the history alone. Empty: an honest system may have been behind it. It
// knows what the API promises, and shares no code with what keeps those promises.
//
// What is before what follows only from real time: A is before B if A ended before B was sent. An
// attempt whose outcome was not heard may have had its effect at any time after it was sent, or
// never.
std::vector<std::string> Check(const History& history);

}  // namespace seatsaga::simulation
