#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace seatsaga {

// What a program runs: a node, and anything else that belongs to its process.
class Server {
 public:
  virtual ~Server() = default;
  // Starts serving; health is SERVING once everything is loaded. After an error, Stop must still be
  // called.
  virtual absl::Status Start() = 0;
  // Finishes what has queued, and lets calls in progress end until `drain` has passed. Idempotent.
  virtual void Stop(absl::Duration drain) = 0;
};

}  // namespace seatsaga
