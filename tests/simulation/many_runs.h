#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>

#include "tests/simulation/simulation.h"
#include "tests/simulation/totals.h"

namespace seatsaga::simulation {

struct ManyRuns {
  int64_t start = 1;  // the first seed
  int64_t seeds = 0;  // that many; 0: until the time is over
  double seconds = 0;
  int jobs = 1;
  std::function<RunResult(uint64_t seed)> run;
};

// Runs seeds in processes of their own, because SQLite has one generator of random numbers per
// process, and adds them up. Violations are printed as they are found. If stderr is a terminal, a
// line there says how far it is. Returns what is wrong with the processes themselves, such as the
// seed that one died of; empty if nothing is. Then all of them have ended.
std::string RunAll(const ManyRuns& plan, Totals& totals);

}  // namespace seatsaga::simulation
