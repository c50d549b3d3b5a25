#include "orchestrator/engine/saga_view.h"

#include "common/outcome.h"
#include "common/text.h"
#include "common/time_proto.h"
#include "orchestrator/sagas/reservation_saga.h"

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
  }
  return HISTORY_EVENT_TYPE_UNSPECIFIED;
}

saga::v1::Direction ToProto(core::Direction direction) {
  return direction == core::Direction::kAction ? saga::v1::DIRECTION_ACTION
                                               : saga::v1::DIRECTION_COMPENSATION;
}

bool EndsAttempt(core::EventType type) {
  return type == core::EventType::kCallEnded || type == core::EventType::kProbeEnded;
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
  if (core::IsParked(state)) {
    const bool may_compensate = state.phase != core::Phase::kCompensating;
    return Cat(
        "an operator mends the cause, then `sagactl retry ", saga_id, "` tries ", call, " again",
        may_compensate ? Cat(", or `sagactl compensate ", saga_id, "` undoes the saga") : "");
  }
  if (state.phase == core::Phase::kWaiting)
    return "waits for the payment, or for the hold to expire";
  if (state.call.under_way) return Cat("waits for the answer to ", call);
  return Cat("makes attempt ", state.call.attempt + 1, " of ", call, " when due",
             NeedsAttention(state) ? "; the participant may need help" : "");
}

absl::StatusOr<Saga> ToProto(const store::SagaRow& row) {
  const absl::StatusOr<core::State> state = store::DecodeState(row.state);
  if (!state.ok()) return state.status();
  const absl::StatusOr<sagas::SagaFacts> facts = store::DecodeFacts(row.facts);
  if (!facts.ok()) return facts.status();
  const core::Definition* definition = sagas::FindReservationSaga(state->definition_version);

  Saga saga;
  saga.set_saga_id(row.id.ToString());
  saga.set_state(ViewOf(*state));
  if (!core::IsTerminal(*state)) {
    saga.set_step(StepName(definition, state->step));
    saga.set_direction(state->phase == core::Phase::kCompensating ? saga::v1::DIRECTION_COMPENSATION
                                                                  : saga::v1::DIRECTION_ACTION);
    saga.set_attempt(state->call.attempt);
    if (definition != nullptr)
      saga.set_next_action(NextAction(*definition, *state, saga.saga_id()));
  }
  const bool flagged = NeedsAttention(*state);
  saga.set_reason(flagged ? state->parked.reason : state->reason);
  saga.set_message(flagged ? state->parked.message : state->message);
  saga.set_needs_attention(flagged);
  if (state->due != absl::InfiniteFuture())
    *saga.mutable_due_time() = seatsaga::ToProto(state->due);
  *saga.mutable_create_time() = seatsaga::ToProto(row.id.time());
  *saga.mutable_update_time() = seatsaga::ToProto(row.updated);
  saga.set_definition_version(state->definition_version);
  saga.set_user_id(facts->user_id);
  saga.set_event_id(facts->event_id);
  for (const std::string& seat_id : facts->seat_ids) saga.add_seat_ids(seat_id);
  if (!facts->currency.empty()) {
    saga.mutable_price()->set_amount_minor(facts->price_minor);
    saga.mutable_price()->set_currency(facts->currency);
  }
  return saga;
}

absl::Status AddHistory(std::string_view history, Saga& saga) {
  seatsaga::orchestrator::store::StoredHistory stored;
  if (!stored.ParseFromArray(history.data(), static_cast<int>(history.size()))) {
    return absl::DataLossError("the saga's history cannot be read");
  }
  const core::Definition* definition = sagas::FindReservationSaga(saga.definition_version());
  int64_t sequence = 0;
  for (const auto& event : stored.events()) {
    const store::HistoryRecord record = store::FromStored(event);
    HistoryEntry& entry = *saga.add_history();
    entry.set_sequence(++sequence);
    *entry.mutable_time() = seatsaga::ToProto(record.event.now);
    entry.set_type(ToProto(record.event.type));
    entry.set_reason(record.event.reason);
    entry.set_message(record.event.message);
    entry.set_state_after(static_cast<SagaState>(record.state_after));
    if (EndsAttempt(record.event.type)) {
      entry.set_step(StepName(definition, record.event.step));
      entry.set_direction(ToProto(record.event.direction));
      entry.set_attempt(record.event.attempt);
      entry.set_outcome(ToProto(record.event.outcome));
      *entry.mutable_duration() = seatsaga::ToProto(record.duration);
    }
  }
  return absl::OkStatus();
}

}  // namespace seatsaga::engine
