#include "cluster/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "cluster/scratch.h"
#include "common/text.h"

namespace seatsaga::cluster {
namespace {

constexpr int kCannotExec = 127;

// In the child, where only async-signal-safe functions may be called: other threads may have held
// locks.
void Redirect(const char* path, int to) {
  if (*path == '\0') return;
  const int file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (file < 0 || dup2(file, to) < 0) _exit(kCannotExec);
  close(file);
}

[[noreturn]] void BecomeProgram(char* const argv[], const ProcessOutput& output, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kCannotExec);  // it died before prctl
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  Redirect("/dev/null", STDIN_FILENO);
  Redirect(output.stdout_file.c_str(), STDOUT_FILENO);
  Redirect(output.stderr_file.c_str(), STDERR_FILENO);
  execv(argv[0], argv);
  const char* why = strerror(errno);
  (void)!write(STDERR_FILENO, argv[0], strlen(argv[0]));
  (void)!write(STDERR_FILENO, ": ", 2);
  (void)!write(STDERR_FILENO, why, strlen(why));
  (void)!write(STDERR_FILENO, "\n", 1);
  _exit(kCannotExec);
}

ExitStatus FromWaitStatus(int status) {
  if (WIFSIGNALED(status)) return {.code = 0, .signal = WTERMSIG(status)};
  return {.code = WEXITSTATUS(status), .signal = 0};
}

}  // namespace

std::string ExitStatus::ToString() const {
  return signal != 0 ? Cat("killed by signal ", signal) : Cat("exit status ", code);
}

absl::StatusOr<Process> Process::Start(const std::vector<std::string>& argv,
                                       const ProcessOutput& output) {
  if (access(argv[0].c_str(), X_OK) != 0) {
    return absl::UnavailableError(Cat("cannot run ", argv[0], ": ", strerror(errno)));
  }
  std::vector<char*> pointers;
  for (const std::string& word : argv) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return absl::UnavailableError(Cat("cannot fork: ", strerror(errno)));
  if (pid == 0) BecomeProgram(pointers.data(), output, parent);
  Process process;
  process.pid_ = pid;
  return process;
}

Process::~Process() { Kill(); }

void Process::Swap(Process& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(ended_, other.ended_);
}

bool Process::Running() {
  if (pid_ == 0 || ended_.has_value()) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return true;
  ended_ = FromWaitStatus(status);
  return false;
}

std::optional<ExitStatus> Process::Wait(absl::Duration limit) {
  WaitUntil([this] { return !Running(); }, limit);
  return ended_;
}

void Process::Signal(int signal_number) {
  if (!Running()) return;
  kill(pid_, signal_number);
  if (signal_number != SIGSTOP) return;
  // Until every thread has stopped, the process still works: on a busy machine for milliseconds.
  siginfo_t info;
  while (waitid(P_PID, static_cast<id_t>(pid_), &info, WSTOPPED | WEXITED | WNOWAIT) != 0 &&
         errno == EINTR) {
  }
}

void Process::Kill() {
  if (!Running()) return;
  kill(pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  ended_ = FromWaitStatus(status);
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return std::move(content).str();
}

absl::StatusOr<Finished> RunToEnd(const std::vector<std::string>& argv, absl::Duration limit) {
  const ScratchFolder folder("run");
  const ProcessOutput output{.stdout_file = folder.path() + "/out",
                             .stderr_file = folder.path() + "/err"};
  auto process = Process::Start(argv, output);
  if (!process.ok()) return process.status();
  const auto ended = process->Wait(limit);
  if (!ended.has_value()) {
    return absl::DeadlineExceededError(Cat(argv[0],
                                           " did not end; it said: ", ReadFile(output.stdout_file),
                                           ReadFile(output.stderr_file)));
  }
  return Finished{*ended, ReadFile(output.stdout_file), ReadFile(output.stderr_file)};
}

}  // namespace seatsaga::cluster
