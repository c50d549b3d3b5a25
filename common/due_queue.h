#pragma once

#include <utility>

#include "absl/container/btree_set.h"
#include "common/clock.h"

namespace seatsaga {

// What is due when. Looking does not change it, so that a batch can be decided twice; what came due
// is removed once that is remembered. `Key` is ordered; one moment may have many keys. Not
// thread-safe.
template <class Key>
class DueQueue {
 public:
  // Nothing is ever due at InfiniteFuture: it is not kept.
  void Add(Mono due, Key key) {
    if (due != Mono::InfiniteFuture()) queue_.emplace(due, std::move(key));
  }
  // Without effect if it is not there.
  void Remove(Mono due, const Key& key) { queue_.erase({due, key}); }
  void Clear() { queue_.clear(); }

  // The earliest; InfiniteFuture if there is none.
  Mono NextDue() const { return queue_.empty() ? Mono::InfiniteFuture() : queue_.begin()->first; }
  // Calls `visit(due, key)` for everything due at `now`, the earliest first, until it returns
  // false.
  template <class F>
  void ForEachDue(Mono now, F visit) const {
    for (auto it = queue_.begin(); it != queue_.end() && it->first <= now; ++it) {
      if (!visit(it->first, it->second)) return;
    }
  }
  size_t size() const { return queue_.size(); }

 private:
  absl::btree_set<std::pair<Mono, Key>> queue_;
};

}  // namespace seatsaga
