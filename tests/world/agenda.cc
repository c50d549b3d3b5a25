#include "tests/world/agenda.h"

#include <utility>
#include <vector>

namespace seatsaga::testing {

void Agenda::Post(std::shared_ptr<Life> owner, Event event) {
  queue_.push_back({std::move(owner), std::move(event)});
}

void Agenda::PostAt(Mono due, std::shared_ptr<Life> owner, Event event) {
  if (due != Mono::InfiniteFuture()) {
    timers_.emplace(due, Entry{std::move(owner), std::move(event)});
  }
}

void Agenda::DropAllOf(const Life& owner) {
  std::vector<Entry> dropped;  // freed at the end: that may post
  std::deque<Entry> kept;
  for (Entry& entry : queue_) {
    if (entry.owner.get() == &owner) {
      dropped.push_back(std::move(entry));
    } else {
      kept.push_back(std::move(entry));
    }
  }
  queue_ = std::move(kept);
  for (auto it = timers_.begin(); it != timers_.end();) {
    if (it->second.owner.get() == &owner) {
      dropped.push_back(std::move(it->second));
      it = timers_.erase(it);
    } else {
      ++it;
    }
  }
}

bool Agenda::RunOne() {
  while (!timers_.empty() && timers_.begin()->first <= clock_.Now()) {
    queue_.push_back(std::move(timers_.begin()->second));
    timers_.erase(timers_.begin());
  }
  if (queue_.empty()) return false;
  Entry entry = std::move(queue_.front());
  queue_.pop_front();
  if (entry.owner->HoldsUp(clock_.Now())) {
    const Mono then = entry.owner->paused_until;
    timers_.emplace(then, std::move(entry));
  } else {
    std::move(entry.event)();
  }
  return true;
}

}  // namespace seatsaga::testing
