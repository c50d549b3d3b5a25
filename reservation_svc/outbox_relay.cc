#include "reservation_svc/outbox_relay.h"

#include <algorithm>
#include <map>
#include <utility>

#include "api/orchestrator.h"
#include "common/log.h"
#include "common/text.h"
#include "common/time_proto.h"
#include "reservation_svc/reservation_protos.h"

namespace seatsaga::reservation {
namespace {

using orchestrator::v1::StartSagasRequest;
using orchestrator::v1::StartSagasResponse;
using orchestrator::v1::SubmitSignalsRequest;
using orchestrator::v1::SubmitSignalsResponse;
using ExtendOutcome = ExtendResult::Outcome;

// The reservations of the sagas that are not their first ones.
using LaterSagas = std::map<Id, Id>;

CallResult Started(int64_t call, const LaterSagas& later,
                   const absl::StatusOr<StartSagasResponse>& answer) {
  CallResult result{.call = call, .answered = answer.ok()};
  if (!answer.ok()) return result;
  for (const std::string& saga_id : answer->saga_ids()) {
    const absl::StatusOr<Id> id = Id::Parse(saga_id);
    if (!id.ok()) continue;
    const auto found = later.find(*id);
    result.delivered.push_back(found == later.end() ? *id : found->second);
  }
  return result;
}

// It has had its effect, or never will: there is nothing to repeat.
bool IsSettled(const CommandResult& result) {
  return result.outcome() == saga::v1::OUTCOME_SUCCEEDED ||
         result.outcome() == saga::v1::OUTCOME_REFUSED;
}

ExtendOutcome ToOutcome(const absl::StatusOr<SubmitSignalsResponse>& answer) {
  if (!answer.ok() || answer->results_size() != 1) return ExtendOutcome::kUnknown;
  switch (answer->results(0).outcome()) {
    case saga::v1::OUTCOME_SUCCEEDED:
      return ExtendOutcome::kExtended;
    case saga::v1::OUTCOME_REFUSED:
      return ExtendOutcome::kTooLate;
    default:
      return ExtendOutcome::kUnknown;
  }
}

}  // namespace

OutboxRelay::OutboxRelay(Wire& wire, std::string orchestrator, const Clock& clock,
                         std::function<void(DeliveryResult)> on_delivered,
                         std::function<void(ExtendResult)> on_extended)
    : orchestrator_(std::move(orchestrator)),
      clock_(clock),
      on_delivered_(std::move(on_delivered)),
      on_extended_(std::move(on_extended)),
      channel_(wire.Connect(orchestrator_)) {}

void OutboxRelay::Send(const Delivery& delivery) {
  switch (delivery.message) {
    case Message::kStart:
      return Start(delivery);
    case Message::kSignal:
      return Signal(delivery);
  }
}

void OutboxRelay::Start(const Delivery& delivery) {
  StartSagasRequest request;
  request.mutable_sagas()->Reserve(static_cast<int>(delivery.reservations.size()));
  LaterSagas later;
  for (const ReservationPtr& one : delivery.reservations) {
    ToSagaStart(*one, *request.add_sagas());
    if (one->state == State::kChanging) later[one->changes->under_way->saga_id] = one->id;
  }
  channel_->Call(orchestrator::kStartSagas, request, kCallDeadline,
                 [this, call = delivery.call, count = delivery.reservations.size(),
                  later = std::move(later)](const absl::StatusOr<StartSagasResponse>& answer) {
                   LogAnswer(answer.status(), count);
                   on_delivered_(DeliveryResult{Message::kStart, Started(call, later, answer)});
                 });
}

void OutboxRelay::Signal(const Delivery& delivery) {
  SubmitSignalsRequest request;
  std::vector<Id> ids;  // in the order of the signals, and so of their results
  for (const ReservationPtr& one : delivery.reservations) {
    ToSignal(*one, *request.add_signals());
    ids.push_back(one->id);
  }
  channel_->Call(orchestrator::kSubmitSignals, request, kCallDeadline,
                 [this, call = delivery.call,
                  ids = std::move(ids)](const absl::StatusOr<SubmitSignalsResponse>& answer) {
                   LogAnswer(answer.status(), ids.size());
                   on_delivered_(DeliveryResult{Message::kSignal, Signalled(call, ids, answer)});
                 });
}

CallResult OutboxRelay::Signalled(int64_t call, const std::vector<Id>& ids,
                                  const absl::StatusOr<SubmitSignalsResponse>& answer) {
  CallResult result{.call = call, .answered = answer.ok()};
  if (!answer.ok()) return result;
  const size_t count = std::min(ids.size(), static_cast<size_t>(answer->results_size()));
  for (size_t i = 0; i < count; ++i) {
    const CommandResult& one = answer->results(static_cast<int>(i));
    if (IsSettled(one)) result.delivered.push_back(ids[i]);
    if (one.outcome() == saga::v1::OUTCOME_INVALID) LogInvalid(ids[i], one);
  }
  return result;
}

void OutboxRelay::Send(const ExtendCall& call) {
  SubmitSignalsRequest request;
  ToExtension(call.reservation_id, call.hold_duration, *request.add_signals());
  channel_->Call(orchestrator::kSubmitSignals, request, call.deadline - clock_.Now(),
                 [this, result = ExtendResult{call.ticket, call.reservation_id}](
                     const absl::StatusOr<SubmitSignalsResponse>& answer) mutable {
                   result.outcome = ToOutcome(answer);
                   if (result.outcome == ExtendResult::Outcome::kExtended) {
                     result.expire_time = FromProto(answer->results(0).result().expire_time());
                   }
                   on_extended_(result);
                 });
}

bool OutboxRelay::MayWarn(Mono& last) const {
  const Mono now = clock_.Now();
  if (now - last < kWarnInterval) return false;
  last = now;
  return true;
}

void OutboxRelay::LogAnswer(const absl::Status& status, size_t count) {
  if (status.ok()) {
    if (std::exchange(stalled_, false)) {
      log::Info("outbox_flowing", {{"orchestrator", orchestrator_}},
                "the orchestrator answers again");
    }
    return;
  }
  if (absl::IsCancelled(status)) return;  // this process is stopping
  stalled_ = true;
  if (!MayWarn(last_stalled_)) return;
  const std::string error = status.ToString(absl::StatusToStringMode::kWithNoExtraData);
  log::Warn("outbox_stalled",
            {{"orchestrator", orchestrator_}, {"sagas", Cat(count)}, {"error", error}},
            "the orchestrator could not be told of sagas; they stay in the outbox, and it is told "
            "again");
}

// A bug, or another release: nothing but an operator ends it.
void OutboxRelay::LogInvalid(const Id& reservation_id, const CommandResult& result) {
  if (!MayWarn(last_invalid_)) return;
  log::Error("signal_invalid",
             {{"reservation_id", reservation_id.ToString()},
              {"reason", result.reason()},
              {"error", result.message()}},
             "the orchestrator does not take what the client did; it is told again and again: "
             "report it as a bug");
}

}  // namespace seatsaga::reservation
