#pragma once

#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"

namespace seatsaga::bench {

// What is on its way to one process: posted by the others, taken in by that process in its own
// turn, so that whatever it costs is counted there. One thread.
class Mailbox {
 public:
  void Post(absl::AnyInvocable<void() &&> arrival) { arrivals_.push_back(std::move(arrival)); }
  bool empty() const { return arrivals_.empty(); }
  // Takes in everything that is here now.
  void Deliver() {
    for (auto& arrival : std::exchange(arrivals_, {})) std::move(arrival)();
  }

 private:
  std::vector<absl::AnyInvocable<void() &&>> arrivals_;
};

}  // namespace seatsaga::bench
