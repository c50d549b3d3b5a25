#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/id.h"
#include "common/participant/outcome.h"
#include "common/wire/wire.h"
#include "reservation_svc/reservation_memory.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"

namespace seatsaga::reservation {

// Tells the orchestrator what the facade has stored: which sagas to start, and what clients did.
class OutboxRelay {
 public:
  static constexpr absl::Duration kCallDeadline = absl::Seconds(2);
  // A warning is not repeated sooner than this.
  static constexpr absl::Duration kWarnInterval = absl::Seconds(10);

  // `wire` and `clock` must outlive the relay. The relay, and whatever the two functions use, must
  // outlive the wire's calls; both run on the executor.
  OutboxRelay(Wire& wire, std::string orchestrator, const Clock& clock,
              std::function<void(DeliveryResult)> on_delivered,
              std::function<void(ExtendResult)> on_extended);

  // Do not block; exactly one result follows, unless the process stops before. Any one thread.
  void Send(const Delivery& delivery);
  void Send(const ExtendCall& call);

 private:
  void Start(const Delivery& delivery);
  void Signal(const Delivery& delivery);
  CallResult Signalled(int64_t call, const std::vector<Id>& ids,
                       const absl::StatusOr<orchestrator::v1::SubmitSignalsResponse>& answer);
  void LogAnswer(const absl::Status& status, size_t count);
  void LogInvalid(const Id& reservation_id, const CommandResult& result);
  bool MayWarn(Mono& last) const;

  const std::string orchestrator_;
  const Clock& clock_;
  const std::function<void(DeliveryResult)> on_delivered_;
  const std::function<void(ExtendResult)> on_extended_;
  const std::unique_ptr<Channel> channel_;

  // The executor's thread only.
  bool stalled_ = false;
  Mono last_stalled_ = Mono::InfinitePast();
  Mono last_invalid_ = Mono::InfinitePast();
};

}  // namespace seatsaga::reservation
