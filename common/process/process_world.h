#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/random/random.h"
#include "common/node/world.h"
#include "common/rpc/server.h"
#include "common/sqlite/lane.h"

namespace seatsaga {

// The real world of a process: the machine's clock, gRPC, SQLite and threads. World::stop ends
// WaitForStop (common/process/signals.h).
class ProcessWorld {
 public:
  // `path_of` gives the SQLite file of a service's store.
  ProcessWorld(RpcServerOptions options, std::function<std::string(std::string_view)> path_of)
      : server_(std::move(options)), stores_(std::move(path_of)) {}

  // Valid as long as this.
  World world();
  const RpcServer& server() const { return server_; }

 private:
  uint64_t Random();

  RpcServer server_;
  sqlite::SqliteStores stores_;
  std::mutex mutex_;
  absl::BitGen random_;
};

}  // namespace seatsaga
