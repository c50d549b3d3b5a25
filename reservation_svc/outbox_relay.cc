#include "reservation_svc/outbox_relay.h"

#include <utility>

#include "api/orchestrator.h"
#include "common/log.h"
#include "common/text.h"
#include "reservation_svc/reservation_protos.h"

namespace seatsaga::reservation {
namespace {

using orchestrator::v1::StartSagasRequest;
using orchestrator::v1::StartSagasResponse;

StartSagasRequest ToRequest(const StartBatch& batch) {
  StartSagasRequest request;
  request.mutable_sagas()->Reserve(static_cast<int>(batch.sagas.size()));
  for (const ReservationPtr& saga : batch.sagas) ToSagaStart(*saga, *request.add_sagas());
  return request;
}

StartResult ToResult(int64_t call, const absl::StatusOr<StartSagasResponse>& answer) {
  StartResult result{.call = call, .answered = answer.ok()};
  if (!answer.ok()) return result;
  for (const std::string& saga_id : answer->saga_ids()) {
    if (const absl::StatusOr<Id> id = Id::Parse(saga_id); id.ok()) result.started.push_back(*id);
  }
  return result;
}

}  // namespace

OutboxRelay::OutboxRelay(Wire& wire, std::string orchestrator, const Clock& clock,
                         std::function<void(StartResult)> on_result)
    : orchestrator_(std::move(orchestrator)),
      clock_(clock),
      on_result_(std::move(on_result)),
      channel_(wire.Connect(orchestrator_)) {}

void OutboxRelay::Start(const StartBatch& batch) {
  channel_->Call(orchestrator::kStartSagas, ToRequest(batch), kCallDeadline,
                 [this, call = batch.call, saga_count = batch.sagas.size()](
                     const absl::StatusOr<StartSagasResponse>& answer) {
                   LogAnswer(answer.status(), saga_count);
                   on_result_(ToResult(call, answer));
                 });
}

void OutboxRelay::LogAnswer(const absl::Status& status, size_t saga_count) {
  if (status.ok()) {
    if (std::exchange(stalled_, false)) {
      log::Info("outbox_flowing", {{"orchestrator", orchestrator_}},
                "the orchestrator answers again");
    }
    return;
  }
  if (absl::IsCancelled(status)) return;  // this process is stopping
  stalled_ = true;
  const Mono now = clock_.Now();
  if (now - last_warning_ < kWarnInterval) return;
  last_warning_ = now;
  const std::string error = status.ToString(absl::StatusToStringMode::kWithNoExtraData);
  log::Warn("outbox_stalled",
            {{"orchestrator", orchestrator_}, {"sagas", Cat(saga_count)}, {"error", error}},
            "sagas could not be started; they stay in the outbox and are tried again");
}

}  // namespace seatsaga::reservation
