#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/drawn.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/recording.h"

// One run of the whole system: customers, operators and faults as the dice say, then everything
// heals, comes to rest, and is judged by two oracles.
namespace seatsaga::simulation {

struct RunOptions {
  int customers = 32;
  // Disks say that they have synced, and have not: to see that the oracles notice.
  bool lying_disks = false;
  // Faults that never happen: to see which ones a violation needs.
  std::optional<FaultClass> without;
  // What happens, line by line; null: nobody wants to know.
  std::function<void(const std::string&)> trace;
};

struct RunResult {
  // What was wrong, by whichever oracle: each line begins with its name ("history", "audit",
  // "liveness").
  std::vector<std::string> violations;
  int64_t reservations = 0;
  int64_t confirmed = 0;
  int64_t crashes = 0;
  int64_t messages = 0;
  double simulated_s = 0;
  int fault_kinds = 0;  // that were possible
  FaultCounts faults{};
  DrawnCounts drawn{};
  RaceCounts races{};
  std::vector<size_t> transitions;  // of sagas, each once: cells.h
  Decisions decisions;
};

// Deterministic: the same seed and options give the same result. One at a time per process.
RunResult RunSeed(uint64_t seed, const RunOptions& options);
// The run whose decisions these are. If some are missing, it ends as harmlessly as possible.
RunResult Replay(Decisions decisions, const RunOptions& options);

}  // namespace seatsaga::simulation
