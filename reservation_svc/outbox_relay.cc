#include "reservation_svc/outbox_relay.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/log.h"
#include "common/text.h"
#include "reservation_svc/reservation_replies.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"

namespace seatsaga::reservation {
namespace {

using orchestrator::v1::StartSagasRequest;
using orchestrator::v1::StartSagasResponse;

StartSagasRequest ToRequest(StartBatch batch) {
  StartSagasRequest request;
  for (SagaStart& start : batch.sagas) {
    auto* saga = request.add_sagas();
    saga->set_saga_id(start.id.ToString());
    saga->set_user_id(std::move(start.user_id));
    saga->set_event_id(std::move(start.event_id));
    AddSeatIds(start.seats, *saga->mutable_seat_ids());
    saga->set_sealed_payment_token(std::move(start.sealed_token));
  }
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

OutboxRelay::OutboxRelay(RpcChannel& channel, std::string target,
                         std::function<void(StartResult)> on_result)
    : channel_(channel), target_(std::move(target)), on_result_(std::move(on_result)) {}

void OutboxRelay::Start(StartBatch batch) {
  const int64_t call = batch.call;
  const size_t saga_count = batch.sagas.size();
  channel_.Call<StartSagasResponse>(
      "seatsaga.orchestrator.v1.OrchestratorService/StartSagas", ToRequest(std::move(batch)),
      kCallDeadline, [this, call, saga_count](const absl::StatusOr<StartSagasResponse>& answer) {
        LogAnswer(answer.status(), saga_count);
        on_result_(ToResult(call, answer));
      });
}

void OutboxRelay::LogAnswer(const absl::Status& status, size_t saga_count) {
  if (status.ok()) {
    if (std::exchange(stalled_, false)) {
      log::Info("outbox_flowing", {{"orchestrator", target_}}, "the orchestrator answers again");
    }
    return;
  }
  stalled_ = true;
  const absl::Time now = absl::Now();
  if (now - last_warning_ < kWarnInterval) return;
  last_warning_ = now;
  const std::string error = status.ToString(absl::StatusToStringMode::kWithNoExtraData);
  log::Warn("outbox_stalled",
            {{"orchestrator", target_}, {"sagas", Cat(saga_count)}, {"error", error}},
            "sagas could not be started; they stay in the outbox and are tried again");
}

}  // namespace seatsaga::reservation
