#include "orchestrator/engine/live_saga.h"

#include <utility>

#include "common/text.h"
#include "orchestrator/store/record_codec.h"

namespace seatsaga::engine {

absl::StatusOr<DecodedSaga> Decode(const sagas::Registry& registry, const store::SagaRow& row) {
  absl::StatusOr<core::State> state = store::DecodeState(row.state);
  auto data = std::make_shared<sagas::SagaData>();
  if (!state.ok() || row.data == nullptr || !data->ParseFromString(*row.data)) {
    return absl::DataLossError("it cannot be read; restore a backup");
  }
  DecodedSaga saga;
  saga.type = registry.Find(*data);
  if (saga.type != nullptr) {
    saga.definition = sagas::FindVersion(*saga.type, state->definition_version);
  }
  saga.state = *std::move(state);
  saga.data = std::move(data);
  return saga;
}

absl::StatusOr<LiveSaga> Revive(const sagas::Registry& registry, store::SagaRow row) {
  absl::StatusOr<DecodedSaga> decoded = Decode(registry, row);
  if (!decoded.ok()) return decoded.status();
  if (decoded->definition == nullptr) {
    return absl::FailedPreconditionError(Cat(
        "it runs on ", decoded->type == nullptr ? "a saga" : std::string_view(decoded->type->name),
        " definition of version ", decoded->state.definition_version,
        ", which this program does not know; run the release that started it, or a newer one"));
  }
  if (!core::IsCoherent(*decoded->definition, decoded->state)) {
    return absl::DataLossError("its state is not possible for a saga; restore a backup");
  }
  orchestrator::store::StoredHistory history;
  if (!history.ParseFromString(row.history)) {
    return absl::DataLossError("its history cannot be read; restore a backup");
  }
  LiveSaga saga;
  static_cast<DecodedSaga&>(saga) = *std::move(decoded);
  saga.history_first = saga.state.sequence - history.events_size() + 1;
  saga.row = std::move(row);
  saga.is_new = false;
  saga.stored_live = saga.row.live;
  return saga;
}

}  // namespace seatsaga::engine
