#pragma once

#include <cstddef>
#include <vector>

#include "orchestrator/participants/call.h"

namespace seatsaga::participants {

struct CallQueueLimits {
  int rpcs_in_flight_max = 4;  // while all are out, calls gather into the next batch
  size_t batch_max = 256;      // commands of one RPC
};

// Which calls travel together: a batch is whatever has queued when an RPC may go, never a timer.
// Bounded by the live sagas, each of which has one call outstanding at most. Not thread-safe.
class CallQueue {
 public:
  explicit CallQueue(CallQueueLimits limits) : limits_(limits) {}

  void Add(std::vector<CallRequest> requests);
  // The next batch to send, counted as in flight; empty if nothing waits or enough is in flight.
  std::vector<CallRequest> Take();
  // An RPC has ended.
  void Ended() { --in_flight_; }

 private:
  const CallQueueLimits limits_;
  std::vector<CallRequest> waiting_;
  int in_flight_ = 0;
};

}  // namespace seatsaga::participants
