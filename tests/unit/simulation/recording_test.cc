// The recording of a run: the same run again, whatever is left of it.
#include "tests/simulation/recording.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/simulation/simulation.h"

namespace seatsaga::simulation {
namespace {

struct Traced {
  RunResult run;
  std::vector<std::string> lines;
};

RunOptions Tracing(std::vector<std::string>& lines) {
  return {.trace = [&lines](const std::string& line) { lines.push_back(line); }};
}

Traced OfSeed(uint64_t seed) {
  Traced traced;
  traced.run = RunSeed(seed, Tracing(traced.lines));
  return traced;
}

Traced OfDecisions(const Decisions& decisions) {
  Traced traced;
  traced.run = Replay(decisions, Tracing(traced.lines));
  return traced;
}

// As a file keeps them.
Decisions ThroughText(const Decisions& decisions) {
  return ParseDecisions(TextOf(decisions), "memory").value();
}

std::string ComplaintAbout(const std::string& text) {
  return std::string(ParseDecisions(text, "run.txt").status().message());
}

TEST_CASE(
    "simulation recording: a run replayed from its record says the same as the run of its seed") {
  for (const uint64_t seed : {2, 5, 13, 21, 34}) {
    CAPTURE(seed);
    const Traced once = OfSeed(seed);
    const Traced again = OfDecisions(ThroughText(once.run.decisions));
    REQUIRE(once.lines == again.lines);
    REQUIRE(TextOf(once.run.decisions) == TextOf(again.run.decisions));
    REQUIRE(once.run.faults == again.run.faults);
  }
}

TEST_CASE("simulation recording: what is left of a recording is a run, and a right one") {
  const Decisions all = OfSeed(8).run.decisions;
  for (const size_t tenths : {0U, 1U, 4U, 7U, 9U}) {
    CAPTURE(tenths);
    const Decisions some(all.begin(),
                         all.begin() + static_cast<ptrdiff_t>(all.size() * tenths / 10));
    const Traced run = OfDecisions(some);
    CHECK(run.run.violations.empty());
    CHECK(run.run.reservations > 0);
    REQUIRE(run.lines == OfDecisions(some).lines);
  }
}

TEST_CASE(
    "simulation recording: a number that is too large for its decision counts as one that fits") {
  Decisions decisions = OfSeed(8).run.decisions;
  for (size_t i = 0; i < decisions.size(); i += 7) decisions[i].number = ~uint64_t{0};
  CHECK(OfDecisions(decisions).run.violations.empty());
}

TEST_CASE(
    "simulation recording: a text keeps every number, and its words and comments do not count") {
  const Decisions read =
      ParseDecisions(
          "seatsaga-sim decisions 1\n0 loss\n# a comment\n\n18446744073709551615\n7 x y\n",
          "run.txt")
          .value();
  REQUIRE(TextOf(read) == "seatsaga-sim decisions 1\n0\n18446744073709551615\n7\n");
}

TEST_CASE("simulation recording: a bad file is refused, and the line is named") {
  CHECK(ComplaintAbout("") == "run.txt:1: is empty, and not 'seatsaga-sim decisions 1'");
  CHECK(ComplaintAbout("1 loss\n") == "run.txt:1: is not 'seatsaga-sim decisions 1'");
  CHECK(ComplaintAbout("seatsaga-sim decisions 2\n") ==
        "run.txt:1: is not 'seatsaga-sim decisions 1'");
  for (const std::string bad : {"loss", "-1", "1.5", "0x7", "18446744073709551616", " 1"}) {
    CHECK(ComplaintAbout("seatsaga-sim decisions 1\n1 loss\n" + bad + "\n") ==
          "run.txt:3: '" + bad + "' does not begin with a number of 64 bits");
  }
  CHECK(ReadRecording("/nowhere/run.txt").status().message() ==
        "cannot read /nowhere/run.txt: No such file or directory");
}

}  // namespace
}  // namespace seatsaga::simulation
