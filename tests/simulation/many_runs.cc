#include "tests/simulation/many_runs.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <ctime>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <vector>

#include "common/text.h"
#include "tests/simulation/shared_memory.h"

namespace seatsaga::simulation {
namespace {

using Clock = std::chrono::steady_clock;
using Number = std::atomic<int64_t>;

constexpr char kEraseLine[] = "\r\033[K";

// The signal that a child has ended is waited for, and so must not be lost before.
class ChildSignal {
 public:
  ChildSignal() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals_, &before_);
  }
  ~ChildSignal() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  ChildSignal(const ChildSignal&) = delete;
  ChildSignal& operator=(const ChildSignal&) = delete;

  void AwaitForASecond() const {
    const timespec second{.tv_sec = 1, .tv_nsec = 0};
    sigtimedwait(&signals_, nullptr, &second);
  }

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

std::string Report(int64_t seed, const std::vector<std::string>& violations) {
  std::string report = Cat("seed ", seed, ": ", violations.size(), " violations\n");
  for (const std::string& violation : violations) Append(report, "  ", violation, "\n");
  return Cat(report, "  replay: ./dev sim --seed ", seed, " --trace\n");
}

class Jobs {
 public:
  Jobs(const ManyRuns& plan, Totals& totals)
      : plan_(plan),
        totals_(totals),
        terminal_(isatty(STDERR_FILENO) != 0),
        began_(Clock::now()),
        seeds_(static_cast<size_t>(plan.jobs)) {
    next_[0] = plan.start;
  }

  std::string Run() {
    std::cout << std::flush;  // or each child would print it too
    for (int job = 0; job < plan_.jobs && wrong_.empty(); ++job) Fork(static_cast<size_t>(job));
    if (!wrong_.empty()) Stop();
    while (!children_.empty()) {
      sigchld_.AwaitForASecond();
      Reap();
      if (terminal_ && !children_.empty()) std::cerr << kEraseLine << Progress() << std::flush;
    }
    if (terminal_) std::cerr << kEraseLine << std::flush;
    return wrong_;
  }

 private:
  struct Child {
    pid_t pid = 0;
    size_t job = 0;
  };

  double Seconds() const { return std::chrono::duration<double>(Clock::now() - began_).count(); }
  bool TimeIsOver() const { return plan_.seeds == 0 && Seconds() >= plan_.seconds; }

  void Fork(size_t job) {
    const pid_t pid = fork();
    if (pid < 0) wrong_ = Cat("cannot start a process: ", strerror(errno));
    if (pid > 0) children_.push_back({.pid = pid, .job = job});
    if (pid == 0) Work(seeds_[job]);
  }

  // In a child. `seed`: where it says which it is at.
  [[noreturn]] void Work(Number& seed) {
    while (!TimeIsOver()) {
      seed = next_[0]++;
      if (plan_.seeds > 0 && seed >= plan_.start + plan_.seeds) break;
      const RunResult run = plan_.run(static_cast<uint64_t>(seed));
      totals_.Add(run);
      if (run.violations.empty()) continue;
      if (terminal_) std::cerr << kEraseLine << std::flush;
      std::cout << Report(seed, run.violations) << std::flush;
    }
    _exit(0);
  }

  void Reap() {
    int status = 0;
    for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
      const auto child = std::find_if(children_.begin(), children_.end(),
                                      [pid](const Child& each) { return each.pid == pid; });
      if (child == children_.end()) continue;
      if (status != 0 && wrong_.empty()) {
        wrong_ = Cat("the process that ran seed ", seeds_[child->job].load(),
                     WIFSIGNALED(status) ? " was killed by signal " : " ended with status ",
                     WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
                     "; replay: ./dev sim --seed ", seeds_[child->job].load(), " --trace");
        Stop();
      }
      children_.erase(child);
    }
  }

  // One has died: the others go on in vain.
  void Stop() {
    for (const Child& child : children_) kill(child.pid, SIGKILL);
  }

  std::string Progress() const {
    const auto runs = static_cast<double>(totals_.runs());
    const double rate = runs / Seconds();
    const double left = plan_.seeds == 0 ? plan_.seconds - Seconds()
                        : rate > 0       ? (static_cast<double>(plan_.seeds) - runs) / rate
                                         : 0;
    std::ostringstream line;
    line << std::fixed << std::setprecision(0) << runs;
    if (plan_.seeds > 0) line << " of " << plan_.seeds;
    line << " runs, " << rate << " per second, " << totals_.failed() << " with violations, "
         << std::max(left, 0.0) << " s left";
    return line.str();
  }

  const ManyRuns& plan_;
  Totals& totals_;
  const bool terminal_;
  const Clock::time_point began_;
  const ChildSignal sigchld_;
  SharedMemory<Number> next_{1};  // seed
  SharedMemory<Number> seeds_;    // that each job is at
  std::vector<Child> children_;
  std::string wrong_;
};

}  // namespace

std::string RunAll(const ManyRuns& plan, Totals& totals) { return Jobs(plan, totals).Run(); }

}  // namespace seatsaga::simulation
