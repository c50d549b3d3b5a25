#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/rpc/client.h"
#include "orchestrator/participants/call_queue.h"
#include "orchestrator/participants/results.h"

namespace seatsaga::participants {

// Takes results from any thread; must not block. `hurried`: calls may follow from them.
using ResultSink = std::function<void(std::vector<CallResult>, bool hurried)>;

// What the engine makes of a participant's results.
enum class Follows {
  kCalls,
  // The participant's steps are the last ones in either direction, so nobody waits for the saga to
  // learn of them.
  kEndOfSaga,
};

// The calls to one participant. `Batch` is one of request_builders.h. Thread-safe. Must outlive its
// RPCs, so it is destroyed after the I/O thread has stopped.
template <class Batch>
class BatchClient {
 public:
  BatchClient(IoThread& io, const std::string& target, CallQueueLimits limits, Follows follows,
              uint64_t fencing_token, ResultSink sink)
      : channel_(io, target),
        fresh_(limits),
        busy_({.rpcs_in_flight_max = 2, .batch_max = limits.batch_max}),
        follows_(follows),
        fencing_token_(fencing_token),
        sink_(std::move(sink)) {}

  void Send(std::vector<CallRequest> requests) {
    fresh_.Add(std::move(requests));
    SendWaiting(fresh_);
  }

 private:
  using Response = typename Batch::Response;

  // An answer that comes this late is no longer worth asking for.
  static constexpr absl::Duration kWorthAsking = absl::Milliseconds(5);

  void SendWaiting(CallQueue& queue) {
    for (auto batch = queue.Take(); !batch.empty(); batch = queue.Take()) {
      SendOne(queue, std::move(batch));
    }
  }

  void SendOne(CallQueue& queue, std::vector<CallRequest> batch) {
    typename Batch::Request request;
    absl::Time deadline = absl::InfiniteFuture();
    for (const CallRequest& call : batch) {
      Batch::Add(call, fencing_token_, request);
      deadline = std::min(deadline, call.command.deadline);
    }
    const absl::Duration remaining = std::max(deadline - absl::Now(), kWorthAsking);
    channel_.Call<Response>(
        Batch::kMethod, request, remaining,
        [this, &queue, batch = std::move(batch)](absl::StatusOr<Response> response) mutable {
          OnEnded(queue, std::move(batch), response);
        });
  }

  void OnEnded(CallQueue& queue, std::vector<CallRequest> batch,
               const absl::StatusOr<Response>& response) {
    queue.Ended();
    std::vector<CallResult> results;
    std::vector<CallRequest> again;
    results.reserve(batch.size());
    const bool complete =
        response.ok() && response->results_size() == static_cast<int>(batch.size());
    const absl::Status error =
        response.ok() ? absl::InternalError("not one result a command") : response.status();
    for (size_t i = 0; i < batch.size(); ++i) {
      if (!complete) {
        results.push_back(UnknownResult(batch[i], error));
        continue;
      }
      const auto& answer = response->results(static_cast<int>(i));
      if (answer.outcome() == saga::v1::OUTCOME_IN_PROGRESS &&
          batch[i].command.deadline - absl::Now() > kWorthAsking) {
        again.push_back(std::move(batch[i]));
      } else {
        results.push_back(ResultOf(batch[i], answer));
      }
    }
    if (!results.empty()) sink_(std::move(results), follows_ == Follows::kCalls);
    // In a queue of their own: slow calls do not hold up the batches of quick ones.
    if (!again.empty()) busy_.Add(std::move(again));
    SendWaiting(busy_);
    SendWaiting(fresh_);
  }

  RpcChannel channel_;
  CallQueue fresh_;
  CallQueue busy_;
  const Follows follows_;
  const uint64_t fencing_token_;
  const ResultSink sink_;
};

}  // namespace seatsaga::participants
