#include "common/thread_host.h"

namespace seatsaga {

void ThreadHost::Attach(LoopGuest& guest) {
  thread_ = std::thread([this, &guest] { Run(guest); });
}

void ThreadHost::Detach(LoopGuest& /*guest*/) { Join(); }

void ThreadHost::Wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_one();
}

void ThreadHost::Run(LoopGuest& guest) {
  while (true) {
    const bool go_on = WaitUntil(guest.PrepareWait());
    guest.EndWait();
    if (!go_on) return;
    guest.RunDue();
  }
}

bool ThreadHost::WaitUntil(absl::Time until) {
  std::unique_lock lock(mutex_);
  const auto woken = [this] { return woken_ || ending_; };
  if (until == absl::InfiniteFuture()) {
    changed_.wait(lock, woken);
  } else if (until != absl::InfinitePast()) {
    changed_.wait_until(lock, absl::ToChronoTime(until), woken);
  }
  woken_ = false;
  return !ending_;
}

void ThreadHost::Join() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

}  // namespace seatsaga
