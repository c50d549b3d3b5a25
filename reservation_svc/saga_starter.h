#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/id.h"

namespace seatsaga::reservation {

// What the orchestrator needs to start one saga.
struct SagaStart {
  Id id;
  std::string user_id;
  std::string event_id;
  std::string seats;  // one a line
  std::string sealed_token;
};

// One call of StartSagas.
struct StartBatch {
  int64_t call = 0;  // comes back in its StartResult
  std::vector<SagaStart> sagas;
};

// How that call ended.
struct StartResult {
  int64_t call = 0;
  bool answered = false;    // false: no answer, so nothing is known of its sagas
  std::vector<Id> started;  // stored at the orchestrator, new or known before
};

// The way to the orchestrator.
class SagaStarter {
 public:
  virtual ~SagaStarter() = default;
  // Called by the writer thread once the reservations are durable. Must not block. Exactly one
  // StartResult comes back to the loop, unless the process stops before.
  virtual void Start(StartBatch batch) = 0;
};

}  // namespace seatsaga::reservation
