#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "bench/in_process/seeded_ids.h"
#include "bench/in_process/wire.h"
#include "bench/in_process/writer.h"
#include "common/barrier.h"
#include "common/sealed_token.h"
#include "common/sqlite/database.h"
#include "reservation_svc/reservation_book.h"
#include "reservation_svc/reservation_store.h"
#include "reservation_svc/saga_starter.h"

namespace seatsaga::bench {

// reservation_svc but for its threads and its network, on a database of its own. One thread.
class ReservationServer {
 public:
  // `sealer` and `starter`, the way to the orchestrator, must outlive the server.
  ReservationServer(const std::string& folder, const TokenSealer& sealer,
                    reservation::SagaStarter& starter, absl::Time now);

  // CreateReservation and ExecuteReservationCommands, checked and queued.
  void Create(const std::string& request, absl::Time now, WireSink answer);
  void Execute(const std::string& request, WireSink answer);

  Writer<reservation::Input>& writer() { return *writer_; }
  sqlite::Database& database() { return *database_; }

 private:
  const TokenSealer& sealer_;
  SeededIds ids_{2};
  std::unique_ptr<sqlite::Database> database_;
  reservation::ReservationStore store_;
  Barrier barrier_;
  reservation::ReservationBook book_;
  std::unique_ptr<Writer<reservation::Input>> writer_;
};

}  // namespace seatsaga::bench
