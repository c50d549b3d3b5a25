#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "bench/halls.h"
#include "bench/in_process/wire.h"
#include "bench/in_process/writer.h"
#include "common/barrier.h"
#include "common/sqlite/database.h"
#include "seat_svc/event_store.h"
#include "seat_svc/seat_inventory.h"
#include "seat_svc/seat_store.h"

namespace seatsaga::bench {

// seat_svc but for its threads and its network, on a database of its own. One thread.
class SeatServer {
 public:
  // Creates the events of `halls`.
  SeatServer(const std::string& folder, const Halls& halls, absl::Time now);

  // ExecuteSeatCommands, checked and queued.
  void Execute(const std::string& request, WireSink answer);

  Writer<seat::SeatInput>& writer() { return *writer_; }
  sqlite::Database& database() { return *database_; }

 private:
  std::unique_ptr<sqlite::Database> database_;
  Barrier barrier_;
  seat::EventStore events_;
  seat::SeatStore seats_;
  seat::SeatInventory inventory_;
  std::unique_ptr<Writer<seat::SeatInput>> writer_;
};

}  // namespace seatsaga::bench
