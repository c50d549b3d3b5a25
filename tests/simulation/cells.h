#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/transitions.h"

// The cells of state x event x fault: each transition that reservations' sagas can make, beside
// each class of faults, beside "none", and beside "any", which is whatever happened or did not. A
// run reaches the cells of its transitions and of its faults.
namespace seatsaga::simulation {

const Transitions& ReservationTransitions();
// Those of a change of seats. They are no cells.
const Transitions& ExchangeTransitions();
const Transitions& PartialCancellationTransitions();

// "STATE EVENT FAULT", in order. Below, a cell is its place among them.
const std::vector<std::string>& CellNames();

// Those that a run reaches.
std::vector<size_t> CellsOf(const std::vector<size_t>& transitions, const FaultCounts& faults);

// The cells that need not be reached, each with a reason: tests/simulation/unreached_cells.txt.
class UnreachedCells {
 public:
  // A line is "STATE EVENT FAULT REASON", where the first three are patterns as of file names, or
  // empty, or a comment that begins with "#". INVALID_ARGUMENT names the line that is none of
  // these.
  static absl::StatusOr<UnreachedCells> Parse(std::string_view text, std::string_view file);

  struct Verdict {
    std::vector<std::string> missing;    // cells that are neither reached nor listed
    std::vector<std::string> pointless;  // patterns of which every cell is reached, or of no cell
  };
  // `counts`: how many runs reached each cell.
  Verdict Judge(std::span<const int64_t> counts) const;
  // The list as it should be: without what is pointless, and with what is missing. Reasons of the
  // latter are left to the reader.
  std::string Rewritten(std::span<const int64_t> counts) const;

 private:
  struct Line {
    std::string text;
    std::string pattern;  // "" in a comment or an empty line
  };
  bool Lists(const std::string& cell) const;
  static bool IsPointless(const Line& line, std::span<const int64_t> counts);

  std::vector<Line> lines_;
};

}  // namespace seatsaga::simulation
