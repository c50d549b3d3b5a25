#include "orchestrator/engine/live_sagas.h"

#include <utility>

#include "common/text.h"
#include "orchestrator/sagas/reservation_saga.h"
#include "orchestrator/store/record_codec.h"

namespace seatsaga::engine {

absl::StatusOr<LiveSaga> Revive(store::SagaRow row) {
  absl::StatusOr<core::State> state = store::DecodeState(row.state);
  absl::StatusOr<sagas::SagaFacts> facts = store::DecodeFacts(row.facts);
  orchestrator::store::StoredHistory history;
  if (!state.ok() || !facts.ok() || !history.ParseFromString(row.history)) {
    return absl::DataLossError(
        Cat("saga ", row.id.ToString(), " cannot be read; restore a backup"));
  }
  const core::Definition* definition = sagas::FindReservationSaga(state->definition_version);
  if (definition == nullptr) {
    return absl::FailedPreconditionError(
        Cat("saga ", row.id.ToString(), " runs on definition version ", state->definition_version,
            ", which this program does not know; run the release that started it, or a newer one"));
  }
  if (!core::IsCoherent(*definition, *state)) {
    return absl::DataLossError(
        Cat("saga ", row.id.ToString(), " stands where no saga can; restore a backup"));
  }
  LiveSaga saga;
  saga.definition = definition;
  saga.history_first = state->sequence - history.events_size() + 1;
  saga.state = *std::move(state);
  saga.facts = std::make_shared<const sagas::SagaFacts>(*std::move(facts));
  saga.row = std::move(row);
  saga.stored = true;
  saga.stored_live = saga.row.live;
  return saga;
}

void LiveSagas::Clear() {
  sagas_.clear();
  appointments_ = {};
}

LiveSaga* LiveSagas::Find(const Id& id) {
  const auto it = sagas_.find(id);
  return it == sagas_.end() ? nullptr : it->second.get();
}

LiveSaga& LiveSagas::Add(LiveSaga saga) {
  auto& slot = sagas_[saga.row.id];
  slot = std::make_unique<LiveSaga>(std::move(saga));
  return *slot;
}

void LiveSagas::Schedule(const LiveSaga& saga) {
  if (saga.state.due != absl::InfiniteFuture()) {
    appointments_.push({saga.state.due, saga.row.id});
  }
}

absl::Time LiveSagas::NextDue() const {
  return appointments_.empty() ? absl::InfiniteFuture() : appointments_.top().due;
}

LiveSaga* LiveSagas::TakeDue(absl::Time now) {
  while (!appointments_.empty() && appointments_.top().due <= now) {
    const Appointment appointment = appointments_.top();
    appointments_.pop();
    LiveSaga* saga = Find(appointment.id);
    if (saga != nullptr && saga->state.due == appointment.due) return saga;
  }
  return nullptr;
}

}  // namespace seatsaga::engine
