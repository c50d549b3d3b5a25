// reservation_svc: the public facade. Wiring only.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "absl/time/clock.h"
#include "common/barrier.h"
#include "common/batch_loop.h"
#include "common/process/flags.h"
#include "common/process/serve.h"
#include "common/process/signals.h"
#include "common/read_lane.h"
#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "common/sealed_token.h"
#include "common/sqlite/database.h"
#include "reservation_svc/outbox_relay.h"
#include "reservation_svc/reservation_book.h"
#include "reservation_svc/reservation_reader.h"
#include "reservation_svc/reservation_service.h"
#include "reservation_svc/reservation_store.h"
#include "reservation_svc/schema/migrations.h"

namespace seatsaga::reservation {
namespace {

constexpr char kName[] = "reservation_svc";
constexpr int kDefaultPort = 50051;

struct Flags {
  ServerFlags server;
  std::string orchestrator = "127.0.0.1:50054";
  std::string token_key_file;
  size_t pending_max = BookLimits().pending_max;
};

void AddFlags(CLI::App& app, Flags& flags) {
  AddServerFlags(app, kName, kDefaultPort, flags.server);
  app.add_option("--orchestrator", flags.orchestrator, "Where the orchestrator serves")
      ->envname("SEATSAGA_ORCHESTRATOR")
      ->capture_default_str();
  app.add_option(
         "--token-key-file", flags.token_key_file,
         "Key that payment tokens are sealed with, the same file as payment_svc's; made if it "
         "does not exist [token.key beside the database]")
      ->envname("SEATSAGA_TOKEN_KEY_FILE");
  app.add_option("--pending-max", flags.pending_max,
                 "PENDING reservations at a time; more are RESOURCE_EXHAUSTED")
      ->envname("SEATSAGA_PENDING_MAX")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
}

std::string KeyFile(const Flags& flags) {
  if (!flags.token_key_file.empty()) return flags.token_key_file;
  return std::filesystem::path(flags.server.database).parent_path() / "token.key";
}

int Run(const Flags& flags) {
  auto database = sqlite::Database::OpenWriter(flags.server.database, ReservationMigrations());
  if (!database.ok()) return ExitWithError(database.status());
  auto read_database = sqlite::Database::OpenReader(flags.server.database);
  if (!read_database.ok()) return ExitWithError(read_database.status());
  const auto sealer = TokenSealer::FromKeyFile(KeyFile(flags));
  if (!sealer.ok()) return ExitWithError(sealer.status());

  RpcServer server({.listen = flags.server.listen});
  RpcChannel channel(server.io(), flags.orchestrator);
  BatchLoop<Input>* results = nullptr;
  OutboxRelay relay(channel, flags.orchestrator, [&results](StartResult result) {
    results->PushUnhurried(Input(std::move(result)));
  });
  ReservationStore store(**database);
  Barrier barrier(**database);
  ReservationBook book(store, barrier, relay, {.pending_max = flags.pending_max});
  BatchLoop<Input> loop(**database, book,
                        {.queue_max = flags.server.queue_max, .batch_max = flags.server.batch_max});
  results = &loop;
  ReservationReader reader(**read_database);
  ReadLane lane(read_database->get());
  ReservationService service(loop, lane, reader, *sealer);
  service.Register(server);

  const auto start = [&] {
    lane.Start();
    return loop.Start(server.io());
  };
  const auto stop = [&] {
    loop.Stop();
    book.AnswerWaiters();
    lane.Stop();
  };
  const int status = Serve(kName, flags.server, server, {.start = start, .stop = stop});
  server.Shutdown(absl::Now());  // also when it could not start: no call may outlive what it uses
  return status;
}

}  // namespace
}  // namespace seatsaga::reservation

int main(int argc, char** argv) {
  seatsaga::BlockStopSignals();
  CLI::App app("SeatSaga's public facade: makes reservations and says what became of them");
  seatsaga::reservation::Flags flags;
  seatsaga::reservation::AddFlags(app, flags);
  if (const int status =
          seatsaga::ParseFlags(app, seatsaga::reservation::kName, argc, argv, flags.server);
      status >= 0) {
    return status;
  }
  return seatsaga::reservation::Run(flags);
}
