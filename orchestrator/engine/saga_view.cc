#include "orchestrator/engine/saga_view.h"

#include "common/errors.h"
#include "common/text.h"
#include "common/time_proto.h"
#include "orchestrator/core/advance.h"
#include "orchestrator/store/record_codec.h"

namespace seatsaga::engine {
namespace {

using namespace orchestrator::v1;  // the API's words

saga::v1::Outcome ToProto(core::Outcome outcome) {
  switch (outcome) {
    case core::Outcome::kUnknown:
      return saga::v1::OUTCOME_UNKNOWN;
    case core::Outcome::kSucceeded:
      return saga::v1::OUTCOME_SUCCEEDED;
    case core::Outcome::kRefused:
      return saga::v1::OUTCOME_REFUSED;
    case core::Outcome::kNotFound:
      return saga::v1::OUTCOME_NOT_FOUND;
    case core::Outcome::kInvalid:
      return saga::v1::OUTCOME_INVALID;
  }
  return saga::v1::OUTCOME_UNSPECIFIED;
}

HistoryEventType ToProto(core::EventType type) {
  switch (type) {
    case core::EventType::kStarted:
      return HISTORY_EVENT_TYPE_STARTED;
    case core::EventType::kCallEnded:
      return HISTORY_EVENT_TYPE_CALL_ENDED;
    case core::EventType::kProbeEnded:
      return HISTORY_EVENT_TYPE_PROBE_ENDED;
    case core::EventType::kTimerFired:
      return HISTORY_EVENT_TYPE_TIMER_FIRED;
    case core::EventType::kSignalled:
      return HISTORY_EVENT_TYPE_SIGNALLED;
    case core::EventType::kCancelRequested:
      return HISTORY_EVENT_TYPE_CANCEL_REQUESTED;
    case core::EventType::kOperatorRetried:
      return HISTORY_EVENT_TYPE_OPERATOR_RETRIED;
    case core::EventType::kOperatorCompensated:
      return HISTORY_EVENT_TYPE_OPERATOR_COMPENSATED;
    case core::EventType::kHoldExtended:
      return HISTORY_EVENT_TYPE_HOLD_EXTENDED;
  }
  return HISTORY_EVENT_TYPE_UNSPECIFIED;
}

saga::v1::Direction ToProto(core::Direction direction) {
  return direction == core::Direction::kAction ? saga::v1::DIRECTION_ACTION
                                               : saga::v1::DIRECTION_COMPENSATION;
}

std::string StepName(const core::Definition* definition, int step) {
  if (definition == nullptr || step < 0 || step >= static_cast<int>(definition->steps.size())) {
    return Cat("step ", step);
  }
  return std::string(definition->steps[static_cast<size_t>(step)].name);
}

std::string_view CallWord(core::CallKind kind) {
  switch (kind) {
    case core::CallKind::kProbe:
      return "the probe of ";
    case core::CallKind::kCompensation:
      return "the compensation of ";
    default:
      return "";
  }
}

// Whether the core would do it now.
bool Allows(const core::Definition& definition, const core::State& state, core::EventType request) {
  return core::Advance(definition, state, {.type = request}, {}).disposition ==
         core::Disposition::kApplied;
}

// What an operator may do with a parked saga.
std::string OperatorAction(const core::Definition& definition, const core::State& state,
                           std::string_view call, std::string_view saga_id) {
  const bool may_compensate = Allows(definition, state, core::EventType::kOperatorCompensated);
  return Cat("an operator fixes the cause, then `sagactl retry ", saga_id, "` tries ", call,
             " again",
             may_compensate ? Cat(", or `sagactl compensate ", saga_id, "` undoes the saga") : "");
}

sagas::SagaData Shown(const DecodedSaga& saga) {
  // Of data that this program does not know it cannot say what is secret.
  if (saga.type == nullptr) return {};
  sagas::SagaData data = *saga.data;
  saga.type->conceal(data);
  data.DiscardUnknownFields();
  return data;
}

void AddEntry(const store::HistoryRecord& record, const core::Definition* definition,
              HistoryEntry& entry) {
  const core::Event& event = record.event;
  *entry.mutable_time() = seatsaga::ToProto(event.now);
  entry.set_type(ToProto(event.type));
  entry.set_reason(event.reason);
  entry.set_message(event.message);
  entry.set_state_after(static_cast<SagaState>(record.state_after));
  if (event.hold_expiry != absl::InfiniteFuture()) {
    *entry.mutable_hold_expire_time() = seatsaga::ToProto(event.hold_expiry);
  }
  if (event.type == core::EventType::kSignalled) {
    entry.set_step(StepName(definition, event.step));
    entry.set_round(event.round);
  }
  if (!core::EndsAttempt(event.type)) return;
  entry.set_step(StepName(definition, event.step));
  entry.set_direction(ToProto(event.direction));
  entry.set_round(event.round);
  entry.set_attempt(event.attempt);
  entry.set_outcome(ToProto(event.outcome));
  *entry.mutable_duration() = seatsaga::ToProto(record.duration);
}

}  // namespace

SagaState ViewOf(const core::State& state) {
  if (core::IsParked(state)) return SAGA_STATE_PARKED;
  switch (state.phase) {
    case core::Phase::kRunning:
      return SAGA_STATE_RUNNING;
    case core::Phase::kWaiting:
      return SAGA_STATE_WAITING;
    case core::Phase::kCompensating:
      return SAGA_STATE_COMPENSATING;
    case core::Phase::kCompleted:
      return SAGA_STATE_COMPLETED;
    case core::Phase::kCompensated:
      return SAGA_STATE_COMPENSATED;
  }
  return SAGA_STATE_UNSPECIFIED;
}

bool NeedsAttention(const core::State& state) {
  return state.parked.kind != core::ParkedKind::kNot;
}

std::string NextAction(const core::Definition& definition, const core::State& state,
                       std::string_view saga_id) {
  if (core::IsTerminal(state)) return "";
  const std::string call = Cat(CallWord(state.call.kind), StepName(&definition, state.step));
  if (core::IsParked(state)) return OperatorAction(definition, state, call, saga_id);
  if (state.phase == core::Phase::kWaiting)
    return "waits for the payment, or for the hold to expire";
  if (state.call.under_way) return Cat("waits for the answer to ", call);
  return Cat("makes attempt ", state.call.attempt + 1, " of ", call, " when due",
             NeedsAttention(state) ? "; the participant may need help" : "");
}

Saga ToProto(const DecodedSaga& decoded, const store::SagaRow& row) {
  const core::State& state = decoded.state;
  Saga saga;
  saga.set_saga_id(row.id.ToString());
  saga.set_state(ViewOf(state));
  if (!core::IsTerminal(state)) {
    saga.set_step(StepName(decoded.definition, state.step));
    saga.set_direction(state.phase == core::Phase::kCompensating ? saga::v1::DIRECTION_COMPENSATION
                                                                 : saga::v1::DIRECTION_ACTION);
    saga.set_attempt(state.call.attempt);
    if (decoded.definition != nullptr) {
      saga.set_next_action(NextAction(*decoded.definition, state, saga.saga_id()));
    }
  }
  const bool flagged = NeedsAttention(state);
  if (flagged) {
    saga.set_reason(state.parked.reason);
    saga.set_message(state.parked.message);
  } else if (state.reason.empty() && state.hold.has_value()) {
    saga.set_reason(state.hold->setback_reason);
    saga.set_message(state.hold->setback_message);
  } else {
    saga.set_reason(state.reason);
    saga.set_message(state.message);
  }
  saga.set_needs_attention(flagged);
  if (state.due != absl::InfiniteFuture()) *saga.mutable_due_time() = seatsaga::ToProto(state.due);
  *saga.mutable_create_time() = seatsaga::ToProto(row.id.time());
  *saga.mutable_update_time() = seatsaga::ToProto(row.updated);
  saga.set_definition_version(state.definition_version);
  *saga.mutable_data() = Shown(decoded);
  return saga;
}

Saga ToProto(const sagas::Registry& registry, const store::SagaRow& row) {
  absl::Status why;  // it cannot go on
  if (row.live) {
    const absl::StatusOr<LiveSaga> revived = Revive(registry, row);
    if (revived.ok()) return ToProto(*revived, row);
    why = revived.status();
  }
  const absl::StatusOr<DecodedSaga> decoded = Decode(registry, row);
  if (decoded.ok() && why.ok()) return ToProto(*decoded, row);
  if (why.ok()) why = decoded.status();
  Saga saga;
  if (decoded.ok()) {
    saga = ToProto(*decoded, row);
  } else {
    saga.set_saga_id(row.id.ToString());
    saga.set_state(static_cast<SagaState>(row.view));
    *saga.mutable_create_time() = seatsaga::ToProto(row.id.time());
    *saga.mutable_update_time() = seatsaga::ToProto(row.updated);
  }
  saga.set_needs_attention(true);
  saga.set_reason(std::string(kUnreadable));
  saga.set_message(std::string(View(why.message())));
  saga.set_next_action("nothing moves it before this program can read it");
  return saga;
}

absl::Status AddHistory(std::string_view history, const core::Definition* definition, Saga& saga) {
  seatsaga::orchestrator::store::StoredHistory stored;
  if (!stored.ParseFromArray(history.data(), static_cast<int>(history.size()))) {
    return absl::DataLossError("the saga's history cannot be read");
  }
  int64_t sequence = 0;
  for (auto& event : *stored.mutable_events()) {
    HistoryEntry& entry = *saga.add_history();
    entry.set_sequence(++sequence);
    AddEntry(store::FromStored(event), definition, entry);
    if (event.has_result()) *entry.mutable_result() = std::move(*event.mutable_result());
  }
  return absl::OkStatus();
}

absl::Status NoSuchSaga(const Id& id) {
  return MakeError(absl::StatusCode::kNotFound, "SAGA_NOT_FOUND",
                   Cat("there is no saga ", id.ToString(), "; see `sagactl list`"));
}

}  // namespace seatsaga::engine
