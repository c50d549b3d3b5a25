// The simulation itself: that it repeats, that it hurts, and that it would notice.
#include "tests/simulation/simulation.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace seatsaga::simulation {
namespace {

std::vector<std::string> TraceOf(uint64_t seed) {
  std::vector<std::string> lines;
  RunSeed(seed, {.trace = [&](const std::string& line) { lines.push_back(line); }});
  return lines;
}

TEST_CASE("simulation: the same seed gives the same run, and another seed another") {
  for (const uint64_t seed : {3, 8, 21, 34}) {
    const std::vector<std::string> once = TraceOf(seed);
    REQUIRE(once.size() > 200);
    REQUIRE(once == TraceOf(seed));
    REQUIRE(once != TraceOf(seed + 1));
  }
}

TEST_CASE("simulation: every kind of fault happens, and the system stays right") {
  FaultCounts faults{};
  int64_t reservations = 0;
  int64_t confirmed = 0;
  int many_kinds = 0;
  constexpr int kSeeds = 150;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const RunResult run = RunSeed(seed, {});
    CAPTURE(seed, run.violations);
    REQUIRE(run.violations.empty());
    REQUIRE(run.reservations > 0);
    reservations += run.reservations;
    confirmed += run.confirmed;
    many_kinds += run.fault_kinds >= 3 ? 1 : 0;
    for (size_t i = 0; i < faults.size(); ++i) faults[i] += run.faults[i];
  }
  REQUIRE(reservations > 25 * kSeeds);
  REQUIRE(confirmed > 5 * kSeeds);
  REQUIRE(many_kinds > kSeeds / 3);
  for (size_t i = 0; i < faults.size(); ++i) {
    CAPTURE(NameOf(static_cast<Fault>(i)));
    CHECK(faults[i] > 0);
  }
}

TEST_CASE("simulation: disks that do not sync are found out") {
  int found = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    if (!RunSeed(seed, {.lying_disks = true}).violations.empty()) ++found;
  }
  REQUIRE(found >= 2);
}

}  // namespace
}  // namespace seatsaga::simulation
