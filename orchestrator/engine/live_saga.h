#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "orchestrator/core/saga_state.h"
#include "orchestrator/sagas/registry.h"
#include "orchestrator/store/tables.h"

namespace seatsaga::engine {

// What a row says. `type` and `definition` are null if they are a newer release's: such a saga can
// be shown, and not run.
struct DecodedSaga {
  const sagas::SagaType* type = nullptr;
  const core::Definition* definition = nullptr;
  core::State state;
  std::shared_ptr<const sagas::SagaData> data;
};

// DataLoss for a row that no release wrote. Pure; thread-safe.
absl::StatusOr<DecodedSaga> Decode(const sagas::Registry& registry, const store::SagaRow& row);

// A saga that is not terminal, as the engine keeps it in memory: decoded beside its encoded row, so
// that a transition is a write and never a read.
struct LiveSaga : DecodedSaga {
  store::SagaRow row;
  Mono due = Mono::InfiniteFuture();  // state.due
  int64_t history_first = 1;          // sequence of the first entry in row.history
  bool is_new = true;                 // its insert is still to be decided
  bool stored_live = true;            // row.live as it was decided last
  bool data_changed = false;          // in the present batch
};

// A row as a saga that can go on. Says what is wrong, and what to do, if this program cannot run
// it. Pure; thread-safe. `due` is left to the caller.
absl::StatusOr<LiveSaga> Revive(const sagas::Registry& registry, store::SagaRow row);

}  // namespace seatsaga::engine
