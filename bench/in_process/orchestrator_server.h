#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "bench/in_process/wire.h"
#include "bench/in_process/writer.h"
#include "common/sqlite/database.h"
#include "orchestrator/engine/engine.h"
#include "orchestrator/participants/participants.h"
#include "orchestrator/store/saga_store.h"

namespace seatsaga::bench {

inline constexpr uint64_t kFencingToken = 1;

// The orchestrator but for its threads and its network, on a database of its own. One thread.
class OrchestratorServer {
 public:
  // `participants` must outlive the server.
  OrchestratorServer(const std::string& folder, participants::Participants& participants,
                     absl::Time now);

  // StartSagas, checked and queued. Results of calls go to the writer.
  void StartSagas(const std::string& request, WireSink answer);

  Writer<engine::Input>& writer() { return *writer_; }
  sqlite::Database& database() { return *database_; }

 private:
  std::unique_ptr<sqlite::Database> database_;
  store::SagaStore store_;
  engine::Engine engine_;
  std::unique_ptr<Writer<engine::Input>> writer_;
};

}  // namespace seatsaga::bench
