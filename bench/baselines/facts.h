#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/baselines/tables.h"

namespace seatsaga::bench {

// Compares the tables with each other once a run is over: each reservation must have its seat, its
// payment and its ledger entry, nothing may be half done, and a counted event must know what was
// sold. `confirmed` were answered; up to `abandoned` more may be there, as their connections were
// closed while a statement was under way. Returns what is wrong, or why it cannot be told; waits
// for the server.
std::vector<std::string> FindFaults(const Tables& tables, int64_t confirmed, int64_t abandoned);

}  // namespace seatsaga::bench
