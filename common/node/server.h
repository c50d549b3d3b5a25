#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace seatsaga {

// What a program runs: a node, and whatever belongs to its process beside it.
class Server {
 public:
  virtual ~Server() = default;
  // Serves, with health SERVING once everything is loaded. After an error, Stop is still to be
  // called.
  virtual absl::Status Start() = 0;
  // Finishes what has queued, and lets calls in progress end until `drain` has passed. Idempotent.
  virtual void Stop(absl::Duration drain) = 0;
};

}  // namespace seatsaga
