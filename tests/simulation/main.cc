// seatsaga-sim: the whole system in one thread, many times, each as its seed says.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "common/log.h"
#include "common/process/command_line.h"
#include "common/text.h"
#include "tests/simulation/cells.h"
#include "tests/simulation/many_runs.h"
#include "tests/simulation/simulation.h"
#include "tests/simulation/text_file.h"

namespace seatsaga::simulation {
namespace {

constexpr int kDied = 1;
constexpr int kViolation = 3;
constexpr int64_t kFirstSeed = 1;
// In so many every kind of fault must have made a difference.
constexpr int64_t kRunsForEveryFault = 500;
// In so many, from the first seed on, every cell must have been reached that is not listed.
constexpr int64_t kRunsForEveryCell = 3000;

struct Flags {
  int64_t seeds = 100;
  double minutes = 0;
  int64_t start = kFirstSeed;
  int64_t seed = -1;
  std::string record;
  std::string replay;
  bool trace = false;
  int jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  std::string unreached = "tests/simulation/unreached_cells.txt";
  std::string write_unreached;
};

int Fail(const absl::Status& status) {
  std::cerr << "seatsaga-sim: " << View(status.message()) << "\n";
  return kDied;
}

// --- One run

// Of a recording and of its seed this prints the same.
int RunOne(const Flags& flags) {
  RunOptions options;
  if (flags.trace) options.trace = [](const std::string& line) { std::cout << line << "\n"; };
  RunResult run;
  if (flags.replay.empty()) {
    run = RunSeed(static_cast<uint64_t>(flags.seed), options);
  } else {
    absl::StatusOr<Decisions> decisions = ReadRecording(flags.replay);
    if (!decisions.ok()) return Fail(decisions.status());
    run = Replay(*std::move(decisions), options);
  }
  std::cout << run.violations.size() << " violations\n";
  for (const std::string& violation : run.violations) std::cout << "  " << violation << "\n";
  if (!flags.record.empty()) {
    const absl::Status written = WriteRecording(run.decisions, flags.record);
    if (!written.ok()) return Fail(written);
  }
  return run.violations.empty() ? 0 : kViolation;
}

// --- Many

void Print(const std::string& heading, const std::vector<std::string>& lines) {
  if (!lines.empty()) std::cout << heading << "\n";
  for (const std::string& line : lines) std::cout << "  " << line << "\n";
}

// Whether every cell has been reached that can be.
absl::StatusOr<bool> JudgeCells(const Flags& flags, const Totals& totals) {
  const absl::StatusOr<std::string> text = ReadFile(flags.unreached);
  if (!text.ok()) return text.status();
  const absl::StatusOr<UnreachedCells> listed = UnreachedCells::Parse(*text, flags.unreached);
  if (!listed.ok()) return listed.status();
  const std::vector<int64_t> counts = totals.CellCounts();
  if (!flags.write_unreached.empty()) {
    return WriteFile(flags.write_unreached, listed->Rewritten(counts)).ok();
  }
  const UnreachedCells::Verdict verdict = listed->Judge(counts);
  Print("cells that are neither reached nor in " + flags.unreached + ":", verdict.missing);
  Print("note: " + flags.unreached + " needs these no more:", verdict.pointless);
  return verdict.missing.empty();
}

int RunMany(const Flags& flags) {
  Totals totals;
  const auto began = std::chrono::steady_clock::now();
  const std::string wrong = RunAll({.start = flags.start,
                                    .seeds = flags.minutes > 0 ? 0 : flags.seeds,
                                    .seconds = flags.minutes * 60,
                                    .jobs = flags.jobs,
                                    .run = [](uint64_t seed) { return RunSeed(seed, {}); }},
                                   totals);
  std::cout << totals.Text(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  if (!wrong.empty()) return Fail(absl::InternalError(wrong));
  bool right = totals.failed() == 0;
  if (totals.runs() >= kRunsForEveryFault) {
    const std::vector<std::string> never = totals.FaultsThatNeverHappened();
    Print("faults that never happened:", never);
    right = right && never.empty();
  }
  if (flags.start == kFirstSeed && totals.runs() >= kRunsForEveryCell) {
    const absl::StatusOr<bool> all_reached = JudgeCells(flags, totals);
    if (!all_reached.ok()) return Fail(all_reached.status());
    right = right && *all_reached;
  }
  return right ? 0 : kViolation;
}

int Main(int argc, char** argv) {
  CommandLine line("seatsaga-sim", "Runs the whole system in one thread, as seeds say.");
  Flags flags;
  const Flag seeds = line.Add("--seeds", flags.seeds, "Runs").Between(1, 100'000'000);
  line.Add("--minutes", flags.minutes, "Runs until they are over")
      .Between(0.001, 100'000.0)
      .Excludes(seeds);
  line.Add("--start", flags.start, "The first seed").Between(0, 1'000'000'000'000);
  const Flag seed =
      line.Add("--seed", flags.seed, "Run this one alone").Between(0, 1'000'000'000'000);
  line.Add("--record", flags.record, "Write the decisions of the one run there").Type("FILE");
  line.Add("--replay", flags.replay, "Run the decisions of this file").Type("FILE").Excludes(seed);
  line.AddSwitch("--trace", flags.trace, "Say what happens in the one run");
  line.Add("--jobs", flags.jobs, "Processes that share the seeds").Between(1, 256);
  line.Add("--unreached", flags.unreached, "The cells that need not be reached, with reasons")
      .Type("FILE");
  line.Add("--write-unreached", flags.write_unreached,
           "Write that list there as it should be, without judging the cells")
      .Type("FILE");
  if (const auto exit_status = line.Parse(argc, argv)) return *exit_status;
  const bool one = flags.seed >= 0 || !flags.replay.empty();
  // Of many runs the products' errors are too many to read, and most are meant to happen.
  if (!log::Setup("seatsaga-sim", log::Format::kText, one ? "error" : "off").ok()) return kDied;
  return one ? RunOne(flags) : RunMany(flags);
}

}  // namespace
}  // namespace seatsaga::simulation

int main(int argc, char** argv) { return seatsaga::simulation::Main(argc, argv); }
