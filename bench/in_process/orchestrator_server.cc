#include "bench/in_process/orchestrator_server.h"

#include <utility>
#include <vector>

#include "common/errors.h"
#include "common/validation.h"
#include "orchestrator/store/schema.h"

namespace seatsaga::bench {
namespace {

using orchestrator::v1::SagaStart;
using orchestrator::v1::StartSagasResponse;

// What the service checks before it hands a start to the loop; its own code needs a server.
engine::NewSaga NewSagaOf(SagaStart& start) {
  FieldErrors errors;
  const std::optional<Id> id = CheckId("saga_id", start.saga_id(), errors);
  CheckText("user_id", start.user_id(), kUserIdMax, errors);
  CheckEventId("event_id", start.event_id(), errors);
  CheckSeatIds("seat_ids", start.seat_ids(), errors);
  Must(errors.ToStatus());
  return {*id,
          {.user_id = std::move(*start.mutable_user_id()),
           .event_id = std::move(*start.mutable_event_id()),
           .seat_ids = {start.seat_ids().begin(), start.seat_ids().end()},
           .sealed_payment_token = std::move(*start.mutable_sealed_payment_token())}};
}

engine::EngineOptions OptionsAt(absl::Time now) {
  return {.limits = {},
          .fencing_token = kFencingToken,
          .jitter_seed = 1,
          .start_time = now,
          .on_fenced_off = [] { Die("another orchestrator has taken over"); }};
}

}  // namespace

OrchestratorServer::OrchestratorServer(const std::string& folder,
                                       participants::Participants& participants, absl::Time now)
    : database_(
          Must(sqlite::Database::OpenWriter(folder + "/orchestrator.db", store::kMigrations))),
      store_(*database_),
      engine_(store_, participants, OptionsAt(now)),
      writer_(std::make_unique<Writer<engine::Input>>(*database_, engine_, now)) {}

void OrchestratorServer::StartSagas(const std::string& request, WireSink answer) {
  auto message = FromWire<orchestrator::v1::StartSagasRequest>(request);
  std::vector<engine::NewSaga> sagas;
  for (SagaStart& start : *message.mutable_sagas()) sagas.push_back(NewSagaOf(start));
  writer_->Push(engine::StartSagas{
      std::move(sagas), WireReply<StartSagasResponse>(
                            std::move(answer), [](StartSagasResponse made) { return made; })});
}

}  // namespace seatsaga::bench
