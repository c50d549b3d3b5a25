#include "common/process/process_world.h"

#include <memory>

#include "common/node/thread_worker.h"
#include "common/process/signals.h"

namespace seatsaga {

World ProcessWorld::world() {
  return {.clock = SystemClock(),
          .executor = server_.io(),
          .wire = server_,
          .stores = stores_,
          .make_worker = [] { return std::make_unique<ThreadWorker>(); },
          .random = [this] { return Random(); },
          .stop = RequestStop};
}

uint64_t ProcessWorld::Random() {
  const std::lock_guard lock(mutex_);
  return absl::Uniform<uint64_t>(random_);
}

}  // namespace seatsaga
