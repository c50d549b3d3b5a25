// seatsaga-sim: the whole system in one thread, many times, each as its seed says.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "common/log.h"
#include "common/process/command_line.h"
#include "tests/simulation/simulation.h"

namespace seatsaga::simulation {
namespace {

constexpr int kViolation = 3;
// In so many every kind of fault must have made a difference.
constexpr int64_t kRunsForEveryFault = 500;

struct Flags {
  int64_t seeds = 100;
  int64_t start = 1;
  int64_t seed = -1;
  bool trace = false;
  int jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
};

struct Totals {
  int64_t runs = 0;
  int64_t failed = 0;
  int64_t reservations = 0;
  int64_t confirmed = 0;
  int64_t crashes = 0;
  int64_t messages = 0;
  int64_t three_kinds = 0;
  double simulated_s = 0;
  FaultCounts faults{};

  void Add(const Totals& other) {
    runs += other.runs;
    failed += other.failed;
    reservations += other.reservations;
    confirmed += other.confirmed;
    crashes += other.crashes;
    messages += other.messages;
    three_kinds += other.three_kinds;
    simulated_s += other.simulated_s;
    for (size_t i = 0; i < faults.size(); ++i) faults[i] += other.faults[i];
  }
};

Totals TotalsOf(const RunResult& run) {
  return {.runs = 1,
          .failed = run.violations.empty() ? 0 : 1,
          .reservations = run.reservations,
          .confirmed = run.confirmed,
          .crashes = run.crashes,
          .messages = run.messages,
          .three_kinds = run.fault_kinds >= 3 ? 1 : 0,
          .simulated_s = run.simulated_s,
          .faults = run.faults};
}

void Print(const RunResult& run) {
  std::cout << "seed " << run.seed << ": " << run.violations.size() << " violations\n";
  for (const std::string& violation : run.violations) std::cout << "  " << violation << "\n";
  std::cout << "  replay: ./dev sim --seed " << run.seed << " --trace\n" << std::flush;
}

int RunOne(const Flags& flags) {
  RunOptions options;
  if (flags.trace) options.trace = [](const std::string& line) { std::cout << line << "\n"; };
  const RunResult run = RunSeed(static_cast<uint64_t>(flags.seed), options);
  Print(run);
  return run.violations.empty() ? 0 : kViolation;
}

// A process of its own, because SQLite has one generator of random numbers per process. Returns
// where its totals can be read from.
int StartJob(const Flags& flags, int job) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return -1;
  if (fork() != 0) {
    close(ends[1]);
    return ends[0];
  }
  Totals totals;
  for (int64_t seed = flags.start + job; seed < flags.start + flags.seeds; seed += flags.jobs) {
    const RunResult run = RunSeed(static_cast<uint64_t>(seed), {});
    totals.Add(TotalsOf(run));
    if (!run.violations.empty()) Print(run);
    if (job == 0 && totals.runs % 50 == 0 && isatty(STDERR_FILENO) != 0) {
      std::cerr << "\r" << totals.runs * flags.jobs << " of " << flags.seeds << " runs "
                << std::flush;
    }
  }
  const bool written = write(ends[1], &totals, sizeof totals) == sizeof totals;
  _exit(written ? 0 : 1);
}

int RunMany(const Flags& flags) {
  Totals totals;
  const auto began = std::chrono::steady_clock::now();
  std::vector<int> results;
  for (int job = 0; job < flags.jobs; ++job) results.push_back(StartJob(flags, job));
  for (const int result : results) {
    Totals of_job;
    if (read(result, &of_job, sizeof of_job) != sizeof of_job) {
      std::cerr << "seatsaga-sim: a process of mine died; its last line says where\n";
      return 1;
    }
    totals.Add(of_job);
    close(result);
  }
  while (wait(nullptr) > 0) {
  }
  const double took =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::cout << std::fixed << std::setprecision(1) << totals.runs << " runs, " << totals.failed
            << " with violations; " << totals.reservations << " reservations (" << totals.confirmed
            << " confirmed), " << totals.crashes << " crashes, " << totals.messages << " calls, "
            << totals.simulated_s / 3600 << " simulated hours; " << totals.three_kinds
            << " runs with three or more kinds of fault; " << took << " s, "
            << static_cast<double>(totals.reservations) / took << " reservations/s\n";
  for (size_t i = 0; i < kFaultCount; ++i) {
    std::cout << "  " << std::left << std::setw(16) << NameOf(static_cast<Fault>(i))
              << totals.faults[i] << "\n";
  }
  if (totals.runs < kRunsForEveryFault) return totals.failed == 0 ? 0 : kViolation;
  const auto never = std::find(totals.faults.begin(), totals.faults.end(), 0);
  if (never == totals.faults.end()) return totals.failed == 0 ? 0 : kViolation;
  std::cout << "never happened: " << NameOf(static_cast<Fault>(never - totals.faults.begin()))
            << "\n";
  return kViolation;
}

int Main(int argc, char** argv) {
  CommandLine line("seatsaga-sim", "Runs the whole system in one thread, as seeds say.");
  Flags flags;
  line.Add("--seeds", flags.seeds, "Runs").Between(1, 100'000'000);
  line.Add("--start", flags.start, "The first seed").Between(0, 1'000'000'000'000);
  line.Add("--seed", flags.seed, "Run this one alone").Between(0, 1'000'000'000'000);
  line.AddSwitch("--trace", flags.trace, "Say what happens, with --seed");
  line.Add("--jobs", flags.jobs, "Processes that share the seeds").Between(1, 256);
  if (const auto exit_status = line.Parse(argc, argv)) return *exit_status;
  if (!log::Setup("seatsaga-sim", log::Format::kText, "error").ok()) return 1;
  return flags.seed >= 0 ? RunOne(flags) : RunMany(flags);
}

}  // namespace
}  // namespace seatsaga::simulation

int main(int argc, char** argv) { return seatsaga::simulation::Main(argc, argv); }
