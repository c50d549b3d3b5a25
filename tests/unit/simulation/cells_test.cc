// Which cells a run reaches, and the list of those that need not be reached.
#include "tests/simulation/cells.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace seatsaga::simulation {
namespace {

size_t PlaceOf(const std::string& cell) {
  const auto& names = CellNames();
  const auto found = std::find(names.begin(), names.end(), cell);
  REQUIRE(found != names.end());
  return static_cast<size_t>(found - names.begin());
}

size_t StartTransition() {
  const auto& names = ReservationTransitions().names();
  return static_cast<size_t>(
      std::find(names.begin(), names.end(), TransitionName{"new", "started"}) - names.begin());
}

std::vector<std::string> CellsUnder(const std::vector<Fault>& happened) {
  FaultCounts faults{};
  for (const Fault fault : happened) faults[static_cast<size_t>(fault)] = 2;
  std::vector<std::string> cells;
  for (const size_t cell : CellsOf({StartTransition()}, faults)) {
    cells.push_back(CellNames()[cell]);
  }
  return cells;
}

// Everything is reached but these.
std::vector<int64_t> AllBut(const std::vector<std::string>& cells) {
  std::vector<int64_t> counts(CellNames().size(), 1);
  for (const std::string& cell : cells) counts[PlaceOf(cell)] = 0;
  return counts;
}

UnreachedCells Listed(const std::string& text) {
  return UnreachedCells::Parse(text, "cells.txt").value();
}

TEST_CASE("cells: a run reaches those of the classes of its faults, or of none") {
  CHECK(CellsUnder({}) == std::vector<std::string>{"new started none", "new started any"});
  CHECK(CellsUnder({Fault::kPause}) ==
        std::vector<std::string>{"new started process", "new started any"});
  CHECK(CellsUnder({Fault::kLoss, Fault::kReset, Fault::kConflict}) ==
        std::vector<std::string>{"new started wire", "new started commit", "new started any"});
}

TEST_CASE("cells: one that is neither reached nor listed is found") {
  const auto counts = AllBut({"new started clock", "completed cancel_requested any"});
  CHECK(Listed("").Judge(counts).missing ==
        std::vector<std::string>{"completed cancel_requested any", "new started clock"});
  CHECK(Listed("new started clock why\n").Judge(counts).missing ==
        std::vector<std::string>{"completed cancel_requested any"});
  CHECK(Listed("* cancel_requested * why\nnew started [!a]* why\n").Judge(counts).missing.empty());
}

TEST_CASE("cells: a line that the list needs no more is named, and left out when it is rewritten") {
  const auto counts = AllBut({"new started clock", "new started disk"});
  const UnreachedCells listed =
      Listed("# a comment\nnew started clock why\nnew started wire why\nno such cell why\n");
  CHECK(listed.Judge(counts).pointless ==
        std::vector<std::string>{"new started wire", "no such cell"});
  CHECK(listed.Rewritten(counts) == "# a comment\nnew started clock why\nnew started disk\n");
}

TEST_CASE("cells: a line without a reason is refused") {
  const auto status = UnreachedCells::Parse("\n# x\nnew started clock  \n", "cells.txt").status();
  REQUIRE(status.message() == "cells.txt:3: is not STATE EVENT FAULT and a reason");
}

}  // namespace
}  // namespace seatsaga::simulation
