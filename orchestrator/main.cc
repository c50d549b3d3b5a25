// orchestrator: one persisted state machine per reservation. Only wiring here.
#include <CLI/CLI.hpp>
#include <memory>
#include <random>

#include "absl/time/clock.h"
#include "common/batch_loop.h"
#include "common/log.h"
#include "common/process/flags.h"
#include "common/process/serve.h"
#include "common/process/signals.h"
#include "common/read_lane.h"
#include "common/rpc/server.h"
#include "common/sqlite/database.h"
#include "common/text.h"
#include "orchestrator/engine/engine.h"
#include "orchestrator/participants/grpc_participants.h"
#include "orchestrator/service/orchestrator_service.h"
#include "orchestrator/store/saga_store.h"
#include "orchestrator/store/schema.h"

namespace seatsaga {
namespace {

constexpr int kDefaultPort = 50054;

struct Flags {
  ServerFlags server;
  participants::Targets targets{
      .seats = "127.0.0.1:50052", .payments = "127.0.0.1:50053", .reservations = "127.0.0.1:50051"};
  size_t live_max = 100'000;
  // About six seconds in all: a participant's restart or deployment refuses nobody.
  int attempts_max = 8;
  int backoff_base_ms = 100;
  int backoff_cap_ms = 30'000;
};

void AddFlags(CLI::App& app, Flags& flags) {
  AddServerFlags(app, "orchestrator", kDefaultPort, flags.server);
  app.add_option("--seats", flags.targets.seats, "Address of seat_svc")
      ->envname("SEATSAGA_SEAT_SVC")
      ->capture_default_str();
  app.add_option("--payments", flags.targets.payments, "Address of payment_svc")
      ->envname("SEATSAGA_PAYMENT_SVC")
      ->capture_default_str();
  app.add_option("--reservations", flags.targets.reservations, "Address of reservation_svc")
      ->envname("SEATSAGA_RESERVATION_SVC")
      ->capture_default_str();
  app.add_option("--live-max", flags.live_max, "Sagas that may be live at once")
      ->envname("SEATSAGA_LIVE_MAX")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  app.add_option("--attempts-max", flags.attempts_max, "Unknown outcomes before a step is undone")
      ->envname("SEATSAGA_ATTEMPTS_MAX")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--backoff-base-ms", flags.backoff_base_ms, "First retry comes within this time")
      ->envname("SEATSAGA_BACKOFF_BASE_MS")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  app.add_option("--backoff-cap-ms", flags.backoff_cap_ms, "Retries come at least this often")
      ->envname("SEATSAGA_BACKOFF_CAP_MS")
      ->check(CLI::Range(1, 3'600'000))
      ->capture_default_str();
}

engine::EngineOptions OptionsFrom(const Flags& flags, uint64_t epoch) {
  return {
      .limits = {.attempts_max = flags.attempts_max,
                 .backoff_base = absl::Milliseconds(flags.backoff_base_ms),
                 .backoff_cap = absl::Milliseconds(flags.backoff_cap_ms)},
      .live_max = flags.live_max,
      .fencing_token = epoch,
      .jitter_seed = std::random_device()(),
      .start_time = absl::Now(),
      .on_fenced_off =
          [] {
            log::Error("fenced_off", {}, "a newer orchestrator has taken over: this one stops");
            RequestStop();
          },
  };
}

int Run(const Flags& flags) {
  auto database = sqlite::Database::OpenWriter(flags.server.database, store::kMigrations);
  if (!database.ok()) return ExitWithError(database.status());
  auto read_database = sqlite::Database::OpenReader(flags.server.database);
  if (!read_database.ok()) return ExitWithError(read_database.status());

  store::SagaStore store(**database);
  store::SagaReader reader(**read_database);
  (*database)->Begin();
  const uint64_t epoch = store.RaiseEpoch();
  if (auto raised = (*database)->Commit(); !raised.ok()) return ExitWithError(raised);

  RpcServer server({.listen = flags.server.listen});
  BatchLoop<engine::Input>* results_to = nullptr;
  const auto participants = participants::ConnectParticipants(
      server.io(), flags.targets, epoch,
      [&](std::vector<participants::CallResult> results, bool hurried) {
        engine::CallsEnded ended{std::move(results)};
        hurried ? results_to->Push(std::move(ended)) : results_to->PushUnhurried(std::move(ended));
      });
  engine::Engine engine(store, *participants, OptionsFrom(flags, epoch));
  BatchLoop<engine::Input> loop(
      **database, engine,
      {.queue_max = flags.server.queue_max, .batch_max = flags.server.batch_max});
  results_to = &loop;
  ReadLane lane(read_database->get());
  service::OrchestratorService service(loop, lane, reader);
  service.Register(server);

  log::Info("orchestrator", {{"fencing_token", Cat(epoch)}}, "epoch raised");
  const int status = Serve("orchestrator", flags.server, server,
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
  server.Shutdown(absl::Now());  // also after a failed start: no answer may arrive once we return
  return status;
}

}  // namespace
}  // namespace seatsaga

int main(int argc, char** argv) {
  seatsaga::BlockStopSignals();
  CLI::App app("SeatSaga's orchestrator: one persisted state machine per reservation");
  seatsaga::Flags flags;
  seatsaga::AddFlags(app, flags);
  const int exit_status = seatsaga::ParseFlags(app, "orchestrator", argc, argv, flags.server);
  return exit_status >= 0 ? exit_status : seatsaga::Run(flags);
}
