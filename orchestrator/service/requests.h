#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "orchestrator/engine/engine.h"
#include "orchestrator/store/saga_reader.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"

// Checks OrchestratorService's requests and answers its queries. Errors are the caller's. Pure;
// thread-safe.
namespace seatsaga::service {

// Takes the request's parts.
absl::StatusOr<engine::EngineIo::In> ParseStart(const sagas::Registry& registry,
                                                orchestrator::v1::StartSagasRequest& request);
absl::StatusOr<engine::EngineIo::In> ParseSignals(const sagas::Registry& registry,
                                                  orchestrator::v1::SubmitSignalsRequest& request);
absl::StatusOr<engine::EngineIo::In> ParseOperator(const std::string& saga_id,
                                                   engine::OperatorRequest::Kind kind);

absl::StatusOr<Id> ParseGet(const orchestrator::v1::GetSagaRequest& request);
absl::StatusOr<orchestrator::v1::GetSagaResponse> ReadSaga(const sagas::Registry& registry,
                                                           store::Snapshot& snapshot, const Id& id);

struct ListQuery {
  store::SagaListQuery rows;
  std::optional<orchestrator::v1::SagaState> state;
  bool needs_attention = false;
  std::string scope;  // everything that a page token is bound to
};
absl::StatusOr<ListQuery> ParseList(const orchestrator::v1::ListSagasRequest& request,
                                    absl::Time now);
absl::StatusOr<orchestrator::v1::ListSagasResponse> ReadPage(const sagas::Registry& registry,
                                                             store::Snapshot& snapshot,
                                                             const ListQuery& query);

}  // namespace seatsaga::service
