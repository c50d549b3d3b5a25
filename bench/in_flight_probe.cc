#include "bench/in_flight_probe.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "bench/create_halls.h"
#include "bench/load.h"
#include "bench/workload.h"
#include "common/text.h"
#include "common/time_proto.h"
#include "seatsaga/payment/v1/payment.pb.h"

namespace seatsaga::bench {
namespace {

using orchestrator::v1::HistoryEntry;
using orchestrator::v1::Saga;

constexpr int kClients = 256;
constexpr int kPageSizeMax = 1'000;
constexpr absl::Duration kPoll = absl::Milliseconds(50);

// Checks until the condition is true. An error counts as false.
template <class Condition>
absl::Status WaitUntil(std::string_view what, absl::Duration within, Condition condition) {
  const absl::Time deadline = absl::Now() + within;
  absl::StatusOr<bool> answer = condition();
  while (!answer.ok() || !*answer) {
    if (absl::Now() > deadline) {
      return absl::DeadlineExceededError(
          Cat(what, answer.ok() ? "" : ": ", answer.ok() ? "" : answer.status().message()));
    }
    std::this_thread::sleep_for(absl::ToChronoNanoseconds(kPoll));
    answer = condition();
  }
  return absl::OkStatus();
}

absl::StatusOr<int> CountPendingPayments(Services& services) {
  payment::v1::ListPaymentsRequest request;
  request.set_page_size(kPageSizeMax);
  request.set_state(payment::v1::PAYMENT_STATE_PENDING);
  int count = 0;
  do {
    const auto page = services.Call(request);
    if (!page.ok()) return page.status();
    count += page->payments_size();
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return count;
}

absl::StatusOr<bool> NothingInFlight(Services& services) {
  const auto stats = services.Call(orchestrator::v1::GetStatsRequest());
  if (!stats.ok()) return stats.status();
  return std::none_of(stats->states().begin(), stats->states().end(), [](const auto& each) {
    const bool ended = each.state() == orchestrator::v1::SAGA_STATE_COMPLETED ||
                       each.state() == orchestrator::v1::SAGA_STATE_COMPENSATED;
    return !ended && each.count() > 0;
  });
}

absl::StatusOr<std::vector<std::string>> ListSagaIds(Services& services) {
  orchestrator::v1::ListSagasRequest request;
  request.set_page_size(kPageSizeMax);
  std::vector<std::string> ids;
  do {
    const auto page = services.Call(request);
    if (!page.ok()) return page.status();
    for (const Saga& saga : page->sagas()) ids.push_back(saga.saga_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return ids;
}

absl::StatusOr<Saga> GetSaga(Services& services, const std::string& id) {
  orchestrator::v1::GetSagaRequest request;
  request.set_saga_id(id);
  auto answer = services.Call(request);
  if (!answer.ok()) return answer.status();
  return std::move(*answer->mutable_saga());
}

// Whether the entry says that the step's action is done: by the answer of the call, or by that of a
// probe after a call with an unknown outcome.
bool ActionSucceeded(const HistoryEntry& entry, std::string_view step) {
  const bool answer = (entry.type() == orchestrator::v1::HISTORY_EVENT_TYPE_CALL_ENDED &&
                       entry.direction() == saga::v1::DIRECTION_ACTION) ||
                      entry.type() == orchestrator::v1::HISTORY_EVENT_TYPE_PROBE_ENDED;
  return answer && entry.step() == step && entry.outcome() == saga::v1::OUTCOME_SUCCEEDED;
}

}  // namespace

SagaAfter ReadHistory(const Saga& saga, absl::Time restart) {
  SagaAfter after{.completed = saga.state() == orchestrator::v1::SAGA_STATE_COMPLETED,
                  .moved = absl::InfiniteFuture(),
                  .finished = absl::InfinitePast()};
  for (const HistoryEntry& entry : saga.history()) {
    const absl::Time time = FromProto(entry.time());
    if (time >= restart) after.moved = std::min(after.moved, time);
    after.finished = std::max(after.finished, time);
    after.charges += ActionSucceeded(entry, "charge_payment") ? 1 : 0;
    after.confirms += ActionSucceeded(entry, "confirm_reservation") ? 1 : 0;
  }
  return after;
}

absl::Status MakeInFlight(Services& services, const std::string& event_prefix, int count,
                          absl::Duration within) {
  const Halls halls(event_prefix, (count - 1) / Halls::kSeatsPerEvent + 1);
  if (auto status = CreateHalls(halls, services.seats); !status.ok()) return status;
  const auto workload = MakeUnfinished(halls);
  const LoadPlan plan{.in_flight = kClients,
                      .warmup = absl::ZeroDuration(),
                      .duration = within,
                      .count_max = count};
  const LoadResult made = RunLoad(services.reservations, *workload, plan, nullptr);
  if (!made.unexpected.empty()) return absl::InternalError(made.unexpected.begin()->first);
  return WaitUntil("not every payment was begun", within, [&]() -> absl::StatusOr<bool> {
    const auto pending = CountPendingPayments(services);
    if (!pending.ok()) return pending.status();
    return *pending == count;
  });
}

absl::StatusOr<AfterRestart> AwaitFinished(Services& services, absl::Time restart,
                                           absl::Duration within) {
  const auto nothing_in_flight = [&] { return NothingInFlight(services); };
  if (auto s = WaitUntil("sagas are still in flight", within, nothing_in_flight); !s.ok()) return s;
  const auto ids = ListSagaIds(services);
  if (!ids.ok()) return ids.status();
  AfterRestart all{.sagas = static_cast<int>(ids->size())};
  for (const std::string& id : *ids) {
    const auto saga = GetSaga(services, id);
    if (!saga.ok()) return saga.status();
    const SagaAfter after = ReadHistory(*saga, restart);
    all.completed += after.completed ? 1 : 0;
    all.charged_once += after.charges == 1 ? 1 : 0;
    all.confirmed_once += after.confirms == 1 ? 1 : 0;
    all.moving = std::max(all.moving, after.moved - restart);
    all.finished = std::max(all.finished, after.finished - restart);
  }
  return all;
}

}  // namespace seatsaga::bench
