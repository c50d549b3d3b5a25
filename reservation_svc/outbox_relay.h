#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/wire/wire.h"
#include "reservation_svc/reservation_memory.h"

namespace seatsaga::reservation {

// Starts sagas at the orchestrator.
class OutboxRelay {
 public:
  static constexpr absl::Duration kCallDeadline = absl::Seconds(2);
  // The warning that the orchestrator does not answer is not repeated sooner than this.
  static constexpr absl::Duration kWarnInterval = absl::Seconds(10);

  // `wire` and `clock` must outlive the relay. The relay, and whatever `on_result` uses, must
  // outlive the wire's calls; `on_result` runs on the executor.
  OutboxRelay(Wire& wire, std::string orchestrator, const Clock& clock,
              std::function<void(StartResult)> on_result);

  // Does not block; exactly one result follows, unless the process stops before. Any one thread.
  void Start(const StartBatch& batch);

 private:
  void LogAnswer(const absl::Status& status, size_t saga_count);

  const std::string orchestrator_;
  const Clock& clock_;
  const std::function<void(StartResult)> on_result_;
  const std::unique_ptr<Channel> channel_;

  // The executor's thread only.
  bool stalled_ = false;
  Mono last_warning_ = Mono::InfinitePast();
};

}  // namespace seatsaga::reservation
