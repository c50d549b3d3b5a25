#pragma once

#include <functional>
#include <string>

#include "absl/time/time.h"
#include "common/rpc/client.h"
#include "reservation_svc/saga_starter.h"

namespace seatsaga::reservation {

// Starts sagas at the orchestrator over gRPC. `Start` may be called from any one thread.
class OutboxRelay final : public SagaStarter {
 public:
  static constexpr absl::Duration kCallDeadline = absl::Seconds(2);
  // A warning that the orchestrator does not answer is repeated no sooner.
  static constexpr absl::Duration kWarnInterval = absl::Seconds(10);

  // `on_result` runs on the channel's I/O thread and must not block. The relay and everything that
  // `on_result` uses must live until that thread has ended. `target` is for the log.
  OutboxRelay(RpcChannel& channel, std::string target, std::function<void(StartResult)> on_result);

  void Start(StartBatch batch) override;

 private:
  void LogAnswer(const absl::Status& status, size_t saga_count);

  RpcChannel& channel_;
  const std::string target_;
  const std::function<void(StartResult)> on_result_;

  // I/O thread only.
  bool stalled_ = false;
  absl::Time last_warning_ = absl::InfinitePast();
};

}  // namespace seatsaga::reservation
