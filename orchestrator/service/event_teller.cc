#include "orchestrator/service/event_teller.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/text.h"
#include "common/time_proto.h"
#include "orchestrator/core/advance.h"
#include "orchestrator/sagas/domain_events.h"
#include "orchestrator/store/record_codec.h"
#include "orchestrator/store/saga_reader.h"

namespace seatsaga::service {
namespace {

using namespace orchestrator::v1;  // the API's words
using orchestrator::store::StoredEvent;
using orchestrator::store::StoredHistory;

// The saga's data as it was when the history had this many entries: what it was started with, and
// what was learnt since.
sagas::SagaData DataAt(const engine::DecodedSaga& saga, const StoredHistory& history,
                       int64_t entries) {
  sagas::SagaData data = *saga.data;
  saga.type->conceal(data);
  saga.type->forget_added(data);
  for (int i = 0; i < entries; ++i) {
    const StoredEvent& entry = history.events(i);
    const bool acted = entry.has_result() && entry.direction() == 0;
    const auto step = static_cast<size_t>(entry.step());
    if (!acted || step >= saga.definition->steps.size()) continue;
    const auto learnt = saga.type->learn(data, saga.definition->steps[step].action, entry.result());
    if (learnt.has_value()) data.MergeFrom(*learnt);
  }
  return data;
}

// Before the last of these entries.
bool HadCompleted(const StoredHistory& history, int64_t entries) {
  const auto end = history.events().begin() + entries - 1;
  return std::any_of(history.events().begin(), end, [](const StoredEvent& entry) {
    return entry.state_after() == SAGA_STATE_COMPLETED;
  });
}

// Why something failed, or is undone. Why a saga is undone never changes once it is.
void Explain(const store::HistoryRecord& entry, const core::State& state, DomainEventData& told) {
  const core::Event& event = entry.event;
  const bool acted = core::EndsAttempt(event.type) && event.direction == core::Direction::kAction;
  if (acted && event.outcome == core::Outcome::kSucceeded) return;
  if (acted) {
    const bool unknown =
        event.outcome == core::Outcome::kUnknown || event.outcome == core::Outcome::kNotFound;
    const std::string_view reason = event.reason.empty() ? core::kUnexplained : event.reason;
    told.set_reason(std::string(unknown ? core::kOutcomeUnknown : reason));
    told.set_message(event.message);
  } else if (entry.state_after == SAGA_STATE_COMPENSATING ||
             entry.state_after == SAGA_STATE_COMPENSATED) {
    told.set_reason(state.reason);
    told.set_message(state.message);
  }
}

bool IsOfOneTry(core::EventType type) {
  return core::EndsAttempt(type) || type == core::EventType::kSignalled;
}

}  // namespace

EventTeller::EventTeller(const sagas::Registry& registry, const Id& store_id,
                         store::Snapshot& snapshot)
    : registry_(registry),
      source_(Cat("/seatsaga/orchestrator/", store_id.ToString())),
      snapshot_(snapshot) {}

void EventTeller::Tell(const orchestrator::store::StoredEvents& events, uint8_t number,
                       int64_t sequence, DomainEvent& event) {
  const Id saga_id = *Id::FromBytes(events.saga_id());
  event.set_partition(store::PartitionOf(saga_id));
  event.set_sequence(sequence);
  event.set_id(Cat(event.partition(), "-", sequence));
  event.set_source(source_);
  event.set_specversion("1.0");
  const std::string_view name = sagas::NameOfDomainEvent(number);
  event.set_type(Cat(kEventTypePrefix, name.empty() ? std::string_view("Unknown") : name));
  DomainEventData& told = *event.mutable_data();
  told.set_saga_id(saga_id.ToString());
  told.set_reservation_id(told.saga_id());
  const Saga* saga = Find(saga_id);
  const int64_t entries = events.history_sequence();
  if (saga != nullptr && entries >= 1 && entries <= saga->history.events_size()) {
    const StoredEvent& stored = saga->history.events(static_cast<int>(entries) - 1);
    const store::HistoryRecord entry = store::FromStored(stored);
    *event.mutable_time() = ToProto(entry.event.now);
    Explain(entry, saga->decoded.state, told);
    if (IsOfOneTry(entry.event.type)) told.set_round(entry.event.round);
    if (saga->decoded.definition != nullptr) {
      const sagas::SagaData data = DataAt(saga->decoded, saga->history, entries);
      saga->decoded.type->tell({.what = sagas::DomainEvent{number},
                                .data = data,
                                .done = stored.has_result() ? &stored.result() : nullptr,
                                .completed_before = HadCompleted(saga->history, entries)},
                               told);
    }
  }
  if (events.hold_expiry_us() != 0) {
    *told.mutable_expire_time() = ToProto(absl::FromUnixMicros(events.hold_expiry_us()));
  }
  event.set_subject(told.reservation_id());
}

const EventTeller::Saga* EventTeller::Find(const Id& id) {
  const auto [place, is_new] = sagas_.try_emplace(id);
  if (!is_new) return place->second.get();
  const auto row = snapshot_.Find(store::kSagas, id);
  if (!row.has_value()) return nullptr;
  absl::StatusOr<engine::DecodedSaga> decoded = engine::Decode(registry_, *row);
  auto saga = std::make_unique<Saga>();
  if (!decoded.ok() || !saga->history.ParseFromString(store::FullHistory(snapshot_, *row))) {
    return nullptr;
  }
  saga->decoded = *std::move(decoded);
  place->second = std::move(saga);
  return place->second.get();
}

}  // namespace seatsaga::service
