#include "common/process/signals.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>

namespace seatsaga {
namespace {

std::atomic<bool> g_stop_requested{false};

sigset_t StopSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

void BlockStopSignals() {
  const sigset_t set = StopSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

int WaitForStop() {
  const sigset_t set = StopSignals();
  int signal_number = 0;
  sigwait(&set, &signal_number);
  return g_stop_requested ? 0 : signal_number;
}

void RequestStop() {
  g_stop_requested = true;
  kill(getpid(), SIGTERM);
}

}  // namespace seatsaga
