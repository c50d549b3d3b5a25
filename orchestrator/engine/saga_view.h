#pragma once

#include <string>

#include "orchestrator/core/definition.h"
#include "orchestrator/core/saga_state.h"
#include "orchestrator/store/record_codec.h"
#include "orchestrator/store/saga_store.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"

// A saga as the API shows it. Pure; thread-safe.
namespace seatsaga::engine {

orchestrator::v1::SagaState ViewOf(const core::State& state);
// Whether an operator should look.
bool NeedsAttention(const core::State& state);
// What happens next, as a sentence; empty when terminal.
std::string NextAction(const core::Definition& definition, const core::State& state,
                       std::string_view saga_id);

// The whole saga but its history. DataLoss if the row cannot be read.
absl::StatusOr<orchestrator::v1::Saga> ToProto(const store::SagaRow& row);
// Adds the entries that `history` (StoredHistory bytes from sequence 1 on) holds.
absl::Status AddHistory(std::string_view history, orchestrator::v1::Saga& saga);

}  // namespace seatsaga::engine
