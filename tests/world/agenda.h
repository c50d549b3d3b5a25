#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "common/clock.h"

namespace seatsaga::testing {

// One run of a process, from its start to its crash or its end. What is under way holds on to it.
struct Life {
  std::string process;
  bool alive = true;
  bool stop_requested = false;
  Mono paused_until = Mono::InfinitePast();  // nothing happens to it before
  std::function<void()> on_held_up;          // may be null: see HoldsUp

  bool Pauses(Mono now) const { return paused_until > now; }
  // Whether something that is to happen to it now has to wait. The first time in a pause somebody
  // is told.
  bool HoldsUp(Mono now) {
    if (!Pauses(now)) return false;
    if (const auto tell = std::exchange(on_held_up, nullptr)) tell();
    return true;
  }
};

// What is to happen, one at a time: first everything that can happen now, in the order in which it
// was posted, then what is due. Not thread-safe.
class Agenda {
 public:
  using Event = absl::AnyInvocable<void() &&>;

  explicit Agenda(const Clock& clock) : clock_(clock) {}

  // An event does not happen once its owner's life has ended by DropAllOf.
  void Post(std::shared_ptr<Life> owner, Event event);
  void PostAt(Mono due, std::shared_ptr<Life> owner, Event event);
  void DropAllOf(const Life& owner);

  // False if nothing can happen before NextDue.
  bool RunOne();
  Mono NextDue() const { return timers_.empty() ? Mono::InfiniteFuture() : timers_.begin()->first; }

 private:
  struct Entry {
    std::shared_ptr<Life> owner;
    Event event;
  };

  const Clock& clock_;
  std::deque<Entry> queue_;
  std::multimap<Mono, Entry> timers_;
};

}  // namespace seatsaga::testing
