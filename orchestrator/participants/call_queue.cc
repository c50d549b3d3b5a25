#include "orchestrator/participants/call_queue.h"

#include <algorithm>
#include <iterator>

namespace seatsaga::participants {

void CallQueue::Add(std::vector<CallRequest> requests) {
  std::move(requests.begin(), requests.end(), std::back_inserter(waiting_));
}

std::vector<CallRequest> CallQueue::Take() {
  if (waiting_.empty() || in_flight_ >= limits_.rpcs_in_flight_max) return {};
  ++in_flight_;
  const auto end =
      waiting_.begin() + static_cast<ptrdiff_t>(std::min(limits_.batch_max, waiting_.size()));
  std::vector<CallRequest> batch(std::make_move_iterator(waiting_.begin()),
                                 std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  return batch;
}

}  // namespace seatsaga::participants
