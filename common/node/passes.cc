#include "common/node/passes.h"

#include <algorithm>
#include <utility>

namespace seatsaga {

void Passes::Request() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(requested_, true) || running_) return;
  }
  executor_.Wake();
}

// With mutex_ held.
Mono Passes::NextPass() const {
  if (running_) return Mono::InfiniteFuture();
  return std::max(paused_until_, requested_ ? Mono::InfinitePast() : interval_due_);
}

Mono Passes::PrepareWait() {
  const std::lock_guard lock(mutex_);
  return NextPass();
}

void Passes::RunDue() {
  bool everything = false;
  {
    const std::lock_guard lock(mutex_);
    const Mono next = NextPass();
    if (next == Mono::InfiniteFuture() || next > clock_.Now()) return;
    everything = interval_due_ <= clock_.Now();
    requested_ = false;
    running_ = true;
  }
  queries_.Post([this, everything](store::Store& store) { Run(store, everything); });
}

void Passes::Run(store::Store& store, bool everything) {
  const bool goes_on = pass_(store, everything);
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
    const Mono now = clock_.Now();
    paused_until_ = now + options_.pause;
    if (!goes_on) {
      interval_due_ = Mono::InfiniteFuture();
    } else if (everything || interval_due_ == Mono::InfiniteFuture()) {
      interval_due_ = now + options_.interval;
    }
    if (NextPass() == Mono::InfiniteFuture()) return;
  }
  executor_.Wake();  // because it must now wake earlier
}

}  // namespace seatsaga
