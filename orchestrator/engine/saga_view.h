#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "orchestrator/engine/live_saga.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"

// A saga as the API shows it. Pure; thread-safe.
namespace seatsaga::engine {

// Why an operator should look at a saga that this program cannot run.
inline constexpr std::string_view kUnreadable = "SAGA_UNREADABLE";

orchestrator::v1::SagaState ViewOf(const core::State& state);
// Whether an operator should look.
bool NeedsAttention(const core::State& state);
// What happens next, as a sentence; empty when terminal. Suggests only what the core allows now.
std::string NextAction(const core::Definition& definition, const core::State& state,
                       std::string_view saga_id);

// The whole saga but its history.
orchestrator::v1::Saga ToProto(const DecodedSaga& saga, const store::SagaRow& row);
// The same of a row, as far as it can be read.
orchestrator::v1::Saga ToProto(const sagas::Registry& registry, const store::SagaRow& row);
// Adds the entries that `history` (StoredHistory bytes from sequence 1 on) holds. DataLoss if it
// cannot be read. `definition`: null if this program does not know it.
absl::Status AddHistory(std::string_view history, const core::Definition* definition,
                        orchestrator::v1::Saga& saga);

absl::Status NoSuchSaga(const Id& id);

}  // namespace seatsaga::engine
