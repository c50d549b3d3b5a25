#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/node/executor.h"
#include "common/node/world.h"
#include "orchestrator/participants/connection.h"

namespace seatsaga::participants {

struct Targets {
  std::string seats = "127.0.0.1:50052";  // "host:port" or "unix:/path"
  std::string payments = "127.0.0.1:50053";
  std::string reservations = "127.0.0.1:50051";
};

// All participants of an orchestrator, and when it may claim them: not before each that answers
// within a short time has been asked. So a process that must stop has stopped nobody else.
//
// Everything happens on the world's executor, except Start and Stop.
class Participants final : private Task {
 public:
  using Claimed = std::function<void(absl::StatusOr<uint64_t> epoch)>;
  struct Hooks {
    ResultSink results;
    // Gives an epoch above `above` once it is durable, on the executor.
    std::function<void(uint64_t above, Claimed)> claim_epoch;
    // The process commands a participant now, or must not command any.
    std::function<void(bool now)> commanding;
    // The process must stop: at most once.
    std::function<void(absl::Status why)> stop;
  };

  // Participants that do not answer within this time are claimed when they come back.
  static constexpr absl::Duration kPatience = absl::Seconds(3);

  Participants(const World& world, const Targets& targets, Claimant claimant, Hooks hooks);

  void Start();
  // Sends no more and takes no answers. Not from inside a turn. Idempotent.
  void Stop();

  void Send(std::vector<CallRequest> calls);

 private:
  Mono PrepareWait() override;
  void EndWait() override {}
  void RunDue() override;

  void Proceed();
  bool MayClaim();
  void OnEpoch(const absl::StatusOr<uint64_t>& epoch);
  void OnTaken();
  void OnStop(absl::Status why);
  Connection::Events EventsOf();

  const Clock& clock_;
  Executor& executor_;
  const Claimant claimant_;
  const Hooks hooks_;
  std::atomic<bool> stopped_ = false;
  std::array<std::unique_ptr<Connection>, kParticipants> connections_;
  bool attached_ = false;
  bool begun_ = false;
  bool may_claim_ = false;
  bool commanding_ = false;
  bool waits_for_epoch_ = false;
  uint64_t epoch_ = 0;  // 0: none yet
  Mono patience_ends_ = Mono::InfiniteFuture();
  Mono epoch_again_ = Mono::InfiniteFuture();
  const std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace seatsaga::participants
