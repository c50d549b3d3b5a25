#pragma once

#include <mutex>
#include <utility>

#include "common/wire/wire.h"

namespace seatsaga {

// What a node's health says: it serves from its start to its stop, while the stores of all its
// loops work. Thread-safe.
class NodeHealth {
 public:
  // `wire` must outlive this.
  explicit NodeHealth(Wire& wire) : wire_(wire) {}

  void Start() {
    const std::lock_guard lock(mutex_);
    started_ = true;
    Tell();
  }
  // False if it had stopped before.
  bool Stop() {
    const std::lock_guard lock(mutex_);
    if (std::exchange(stopped_, true)) return false;
    Tell();
    return true;
  }
  // Of one of the loops, when it changes.
  void NoteLoop(bool works) {
    const std::lock_guard lock(mutex_);
    broken_loops_ += works ? -1 : 1;
    Tell();
  }

 private:
  void Tell() { wire_.SetServing(started_ && !stopped_ && broken_loops_ == 0); }

  Wire& wire_;
  std::mutex mutex_;
  bool started_ = false;
  bool stopped_ = false;
  int broken_loops_ = 0;
};

}  // namespace seatsaga
