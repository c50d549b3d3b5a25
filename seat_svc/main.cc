// seat_svc: events, their seats, and who holds them. Wiring only.
#include <CLI/CLI.hpp>
#include <memory>

#include "common/barrier.h"
#include "common/batch_loop.h"
#include "common/process/flags.h"
#include "common/process/serve.h"
#include "common/process/signals.h"
#include "common/read_lane.h"
#include "common/rpc/server.h"
#include "common/sqlite/database.h"
#include "seat_svc/event_store.h"
#include "seat_svc/schema/migrations.h"
#include "seat_svc/seat_inventory.h"
#include "seat_svc/seat_queries.h"
#include "seat_svc/seat_service.h"
#include "seat_svc/seat_store.h"

namespace {

constexpr char kName[] = "seat_svc";
constexpr int kPort = 50052;
// 1,000 commands of 20 seats with the longest names.
constexpr size_t kRequestBytesMax = 2 << 20;

}  // namespace

int main(int argc, char** argv) {
  using namespace seatsaga;
  BlockStopSignals();
  CLI::App app("Owns events and their seats; reserves and releases them for sagas.", kName);
  ServerFlags flags;
  AddServerFlags(app, kName, kPort, flags);
  if (const int status = ParseFlags(app, kName, argc, argv, flags); status >= 0) return status;

  auto database = sqlite::Database::OpenWriter(flags.database, seat::kMigrations);
  if (!database.ok()) return ExitWithError(database.status());
  auto reader = sqlite::Database::OpenReader(flags.database);
  if (!reader.ok()) return ExitWithError(reader.status());

  Barrier barrier(**database);
  seat::EventStore events(**database);
  seat::SeatStore seats(**database);
  seat::SeatInventory inventory(events, seats, barrier);
  seat::SeatQueries queries(**reader);
  if (!(*database)->status().ok()) return ExitWithError((*database)->status());
  if (!(*reader)->status().ok()) return ExitWithError((*reader)->status());

  BatchLoop<seat::SeatInput> loop(**database, inventory,
                                  {.queue_max = flags.queue_max, .batch_max = flags.batch_max});
  ReadLane lane(reader->get());
  seat::SeatService service(loop, lane, queries);
  RpcServer server({.listen = flags.listen, .request_bytes_max = kRequestBytesMax});
  service.Register(server);
  return Serve(kName, flags, server,
               {.start =
                    [&] {
                      lane.Start();
                      return loop.Start(server.io());
                    },
                .stop =
                    [&] {
                      loop.Stop();
                      lane.Stop();
                    }});
}
