// payment_svc: wiring only.
#include <CLI/CLI.hpp>
#include <utility>

#include "common/barrier.h"
#include "common/process/serve.h"
#include "common/process/signals.h"
#include "common/read_lane.h"
#include "common/rpc/server.h"
#include "common/sealed_token.h"
#include "payment_svc/gateway_client.h"
#include "payment_svc/payment_flags.h"
#include "payment_svc/payment_handler.h"
#include "payment_svc/payment_service.h"
#include "payment_svc/schema/migrations.h"
#include "simulated_provider/simulated_gateway.h"

using namespace seatsaga;           // NOLINT(google-build-using-namespace): the wiring
using namespace seatsaga::payment;  // NOLINT(google-build-using-namespace)

namespace {

int Run(const PaymentFlags& flags) {
  auto sealer = TokenSealer::FromKeyFile(flags.token_key_file);
  if (!sealer.ok()) return ExitWithError(sealer.status());
  auto database = sqlite::Database::OpenWriter(flags.server.database, kMigrations);
  if (!database.ok()) return ExitWithError(database.status());
  auto reading = sqlite::Database::OpenReader(flags.server.database);
  if (!reading.ok()) return ExitWithError(reading.status());
  auto company =
      SimulatedCompany::Open({.database = flags.provider_memory ? "" : flags.provider_database,
                              .latency = absl::Milliseconds(flags.provider_latency_ms)});
  if (!company.ok()) return ExitWithError(company.status());

  SimulatedGateway gateway(
      [&](ProviderCall&& call) { return (*company)->TryPush(std::move(call)); },
      flags.provider_outage_file);
  GatewayClient provider(gateway, *sealer);
  PaymentStore store(**database);
  Barrier barrier(**database);
  PaymentHandler handler(store, barrier, provider,
                         {.long_poll = absl::Milliseconds(flags.long_poll_ms)});
  BatchLoop<PaymentInput> loop(
      **database, handler,
      {.queue_max = flags.server.queue_max, .batch_max = flags.server.batch_max});
  provider.Connect([&](ProviderAnswer answer) { loop.Push(std::move(answer)); });

  PaymentReader reader(**reading);
  ReadLane lane(reading->get());
  RpcServer server({.listen = flags.server.listen});
  PaymentService service(loop, lane, reader);
  service.Register(server);
  const auto start = [&] {
    lane.Start();
    if (auto status = (*company)->Start(server.io()); !status.ok()) return status;
    return loop.Start(server.io());
  };
  const auto stop = [&] {
    loop.Stop();
    (*company)->Stop();
    handler.AnswerWaiting();
    lane.Stop();
  };
  return Serve("payment_svc", flags.server, server, {.start = start, .stop = stop});
}

}  // namespace

int main(int argc, char** argv) {
  BlockStopSignals();
  CLI::App app("SeatSaga payments: charges and refunds through a payment provider, and the ledger");
  PaymentFlags flags;
  AddPaymentFlags(app, flags);
  if (const int status = ParseFlags(app, "payment_svc", argc, argv, flags.server); status >= 0) {
    return status;
  }
  CompletePaymentFlags(flags);
  return Run(flags);
}
