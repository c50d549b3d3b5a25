#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/id.h"

namespace seatsaga::payment {

// Which payment to ask the provider about next, and when; bounds the asks under way. Writer thread
// only.
class AskSchedule {
 public:
  using Due = std::pair<absl::Time, Id>;

  explicit AskSchedule(size_t asks_max) : asks_max_(asks_max) {}

  void Add(absl::Time when, const Id& id) { queue_.emplace(when, id); }
  // The earliest that is due, if one more may be asked; in order of time.
  std::optional<Due> TakeDue(absl::Time now) {
    if (NextDue() > now) return std::nullopt;
    const Due due = queue_.top();
    queue_.pop();
    return due;
  }
  void Sent() { ++under_way_; }
  void Answered() { --under_way_; }
  // When TakeDue will next have something; InfiniteFuture while as many as allowed are under way.
  absl::Time NextDue() const {
    if (queue_.empty() || under_way_ >= asks_max_) return absl::InfiniteFuture();
    return queue_.top().first;
  }
  void Clear() {
    queue_ = {};
    under_way_ = 0;
  }

 private:
  const size_t asks_max_;
  size_t under_way_ = 0;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> queue_;
};

}  // namespace seatsaga::payment
