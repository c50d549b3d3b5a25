#include "orchestrator/participants/call_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace seatsaga::participants {

void CallQueue::Add(std::vector<CallRequest> requests) {
  if (waiting_.empty()) {
    waiting_ = std::move(requests);
    return;
  }
  std::move(requests.begin(), requests.end(), std::back_inserter(waiting_));
}

std::vector<CallRequest> CallQueue::Take() {
  if (waiting_.empty() || in_flight_ >= limits_.rpcs_in_flight_max) return {};
  ++in_flight_;
  if (waiting_.size() <= limits_.batch_max) return std::exchange(waiting_, {});
  const auto end = waiting_.begin() + static_cast<ptrdiff_t>(limits_.batch_max);
  std::vector<CallRequest> batch(std::make_move_iterator(waiting_.begin()),
                                 std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  return batch;
}

}  // namespace seatsaga::participants
