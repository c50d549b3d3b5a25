// seatsaga-mutants: runs the simulation over many seeds on the mutant that SEATSAGA_MUTANT names,
// and says of each seed which oracles complained. tests/mutants/main.py runs it and counts.
#include <sys/time.h>

#include <iostream>
#include <set>
#include <string>

#include "common/log.h"
#include "common/process/command_line.h"
#include "tests/simulation/simulation.h"

namespace seatsaga::simulation {
namespace {

constexpr int kWrongArguments = 2;

struct Flags {
  int64_t start = 1;
  int64_t seeds = 100;
  int64_t step = 1;
  int64_t cpu_seconds = 3;
  std::string without;
  bool until_caught = false;
};

// A mutant may never come to an end. Processor time, so that a busy machine makes no difference;
// SIGPROF kills this process, and its parent knows at which seed.
void LimitCpu(int64_t seconds) {
  const itimerval limit{.it_interval = {}, .it_value = {.tv_sec = seconds, .tv_usec = 0}};
  setitimer(ITIMER_PROF, &limit, nullptr);
}

// "history", "audit", "liveness": how a violation begins.
std::set<std::string> OraclesOf(const RunResult& run) {
  std::set<std::string> oracles;
  for (const std::string& violation : run.violations) {
    oracles.insert(violation.substr(0, violation.find(':')));
  }
  return oracles;
}

// True if an oracle complained.
bool RunOne(int64_t seed, const Flags& flags, const RunOptions& options) {
  std::cout << seed << std::flush;  // so that the parent knows where this process died
  LimitCpu(flags.cpu_seconds);
  const std::set<std::string> oracles = OraclesOf(RunSeed(static_cast<uint64_t>(seed), options));
  for (const std::string& oracle : oracles) std::cout << " " << oracle;
  std::cout << std::endl;
  return !oracles.empty();
}

int Main(int argc, char** argv) {
  CommandLine line("seatsaga-mutants",
                   "Runs the simulation on the mutant that SEATSAGA_MUTANT names, and prints for "
                   "every seed the oracles that complained.");
  Flags flags;
  line.Add("--start", flags.start, "The first seed").Between(0, 1'000'000'000'000);
  line.Add("--seeds", flags.seeds, "Runs").Between(1, 100'000'000);
  line.Add("--step", flags.step, "From one seed to the next").Between(1, 1000);
  line.Add("--cpu-seconds", flags.cpu_seconds, "Processor time of a seed before it counts as hung")
      .Between(1, 1000);
  line.Add("--without", flags.without, "A class of faults that never happen, such as wire");
  line.AddSwitch("--until-caught", flags.until_caught, "Stop at the first seed that is caught");
  if (const auto exit_status = line.Parse(argc, argv)) return *exit_status;
  if (!log::Setup("seatsaga-mutants", log::Format::kText, "off").ok()) return 1;
  RunOptions options;
  options.without = FindFaultClass(flags.without);
  if (!flags.without.empty() && !options.without) {
    std::cerr << "seatsaga-mutants: --without: there is no class of faults " << flags.without
              << "\n";
    return kWrongArguments;
  }
  for (int64_t run = 0; run < flags.seeds; ++run) {
    const bool caught = RunOne(flags.start + run * flags.step, flags, options);
    if (caught && flags.until_caught) break;
  }
  return 0;
}

}  // namespace
}  // namespace seatsaga::simulation

int main(int argc, char** argv) { return seatsaga::simulation::Main(argc, argv); }
