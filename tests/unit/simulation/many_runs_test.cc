// Many runs in processes of their own.
#include "tests/simulation/many_runs.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <string>

namespace seatsaga::simulation {
namespace {

RunResult Fine(uint64_t seed) {
  RunResult run;
  run.reservations = static_cast<int64_t>(seed);
  run.faults[0] = 1;
  return run;
}

TEST_CASE("simulation, many runs: every seed is run once, and added up over all processes") {
  for (const int jobs : {1, 3}) {
    Totals totals;
    REQUIRE(RunAll({.start = 10, .seeds = 5, .jobs = jobs, .run = Fine}, totals).empty());
    CHECK(totals.runs() == 5);
    CHECK(totals.failed() == 0);
    CHECK(totals.Text(1).find(" 60 reservations ") != std::string::npos);
    CHECK(totals.FaultsThatNeverHappened().size() == kFaultCount - 1);
  }
}

TEST_CASE("simulation, many runs: they end when their time is over") {
  Totals totals;
  REQUIRE(RunAll({.start = 1, .seconds = 0.05, .jobs = 2, .run = Fine}, totals).empty());
  CHECK(totals.runs() > 1);
}

TEST_CASE("simulation, many runs: the seed is named that a process died of") {
  const auto dies_of_7 = [](uint64_t seed) {
    if (seed == 7) raise(SIGKILL);
    return Fine(seed);
  };
  const auto leaves_at_7 = [](uint64_t seed) {
    if (seed == 7) _exit(9);
    return Fine(seed);
  };
  Totals totals;
  CHECK(RunAll({.start = 1, .seeds = 1000, .jobs = 2, .run = dies_of_7}, totals) ==
        "the process that ran seed 7 was killed by signal 9; replay: ./dev sim --seed 7 --trace");
  CHECK(RunAll({.start = 1, .seeds = 1000, .jobs = 2, .run = leaves_at_7}, totals) ==
        "the process that ran seed 7 ended with status 9; replay: ./dev sim --seed 7 --trace");
}

}  // namespace
}  // namespace seatsaga::simulation
