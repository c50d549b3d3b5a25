#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "common/clock.h"
#include "common/node/executor.h"
#include "common/store/lane.h"
#include "common/wire/wire.h"

namespace seatsaga {

// Everything that a service uses from outside. In production it is the machine's clock, gRPC and
// SQLite (common/process/process_world.h). In tests and simulations all of it is seeded and runs in
// one thread. Everything it refers to must outlive its nodes.
struct World {
  const Clock& clock;
  Executor& executor;  // where the loops of the process take their turns
  Wire& wire;
  store::Stores& stores;
  // A worker for the node's queries.
  std::function<std::unique_ptr<Worker>()> make_worker;
  // Randomness for what is made at start: 64 fresh bits per call.
  std::function<uint64_t()> random;
  // Ends the process in an orderly way, because it must not go on (an orchestrator was fenced off).
  std::function<void()> stop;
};

}  // namespace seatsaga
