#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/simulation/shared_memory.h"
#include "tests/simulation/simulation.h"

namespace seatsaga::simulation {

// What many runs add up to. Processes that were forked add to the same one.
class Totals {
 public:
  Totals();

  void Add(const RunResult& run);

  int64_t runs() const { return sums().runs; }
  int64_t failed() const { return sums().failed; }
  // How many runs reached each cell (cells.h).
  std::vector<int64_t> CellCounts() const;
  // Faults of which none has made a difference.
  std::vector<std::string> FaultsThatNeverHappened() const;
  // All of it in words.
  std::string Text(double seconds) const;

 private:
  using Count = std::atomic<int64_t>;
  struct Sums {
    Count runs;
    Count failed;
    Count reservations;
    Count confirmed;
    Count crashes;
    Count messages;
    Count three_kinds;
    Count simulated_ms;
    std::array<Count, kFaultCount> faults;
    std::array<Count, kDrawnCount> drawn;
    std::array<std::array<Count, kActCount>, kActCount> races;
  };
  const Sums& sums() const { return sums_[0]; }
  std::string RacesText() const;

  mutable SharedMemory<Sums> sums_{1};
  mutable SharedMemory<Count> cells_;
};

}  // namespace seatsaga::simulation
