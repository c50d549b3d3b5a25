#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cluster/wait.h"

namespace seatsaga::cluster {

// How a process ended.
struct ExitStatus {
  int code = 0;    // what it exited with; 0 if a signal ended it
  int signal = 0;  // which signal ended it; 0 if none
  // "exit status 1", "killed by signal 9".
  std::string ToString() const;
  friend bool operator==(const ExitStatus&, const ExitStatus&) = default;
};

// Where a process' output goes. Empty stays with ours.
struct ProcessOutput {
  std::string stdout_file;  // appended to
  std::string stderr_file;  // appended to; may be the same file
};

// One child process. Killed when this object goes, and when the thread that started it ends (so
// that no server outlives a test that crashed): start processes on threads that live long enough.
// Not thread-safe.
class Process {
 public:
  Process() = default;
  Process(Process&& other) noexcept { Swap(other); }
  Process& operator=(Process&& other) noexcept {
    Swap(other);
    return *this;
  }
  ~Process();

  // argv[0] is the program's path. The child is the head of a process group of its own, so that
  // Ctrl-C on the terminal reaches only us. Unavailable if it cannot be started.
  static absl::StatusOr<Process> Start(const std::vector<std::string>& argv,
                                       const ProcessOutput& output = {});

  pid_t pid() const { return pid_; }
  // Whether it has not ended; a stopped (SIGSTOP) process has not.
  bool Running();
  // How it ended, or nullopt if it has not within `limit`.
  std::optional<ExitStatus> Wait(absl::Duration limit = kHang);
  // SIGKILL, SIGTERM, SIGSTOP, SIGCONT ... Without effect once it has ended. After SIGSTOP it
  // returns once the process has stopped.
  void Signal(int signal_number);
  // SIGKILL, and waits until it is gone.
  void Kill();

 private:
  void Swap(Process& other) noexcept;

  pid_t pid_ = 0;  // 0: none
  std::optional<ExitStatus> ended_;
};

// What a program that ran to its end said.
struct Finished {
  ExitStatus status;
  std::string out;
  std::string err;
};

// Runs a program to its end. DeadlineExceeded, after killing it, if it takes longer than `limit`.
// Thread-safe.
absl::StatusOr<Finished> RunToEnd(const std::vector<std::string>& argv,
                                  absl::Duration limit = kHang);

// A file's content; empty if it cannot be read.
std::string ReadFile(const std::string& path);

}  // namespace seatsaga::cluster
