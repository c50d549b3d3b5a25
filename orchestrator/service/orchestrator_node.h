#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/node/node.h"
#include "orchestrator/engine/engine.h"
#include "orchestrator/participants/participants.h"
#include "orchestrator/sagas/registry.h"
#include "orchestrator/service/event_watches.h"

namespace seatsaga {

struct OrchestratorOptions {
  participants::Targets targets;
  core::Limits limits{// About six seconds in all, so that a participant's restart or deployment
                      // refuses no reservation.
                      .attempts_max = 8,
                      .backoff = {.base = absl::Milliseconds(100), .cap = absl::Seconds(30)}};
  // Sagas that may be live at once; any more stay in the facade's outbox.
  size_t live_max = 1'000'000;
  // Domain events that are older may be erased.
  absl::Duration events_kept = absl::Hours(24 * 7);
  // New sagas start with at most these versions of their definitions.
  sagas::Registry::NewestVersions newest_versions;
  // Why this process runs although its data may be outdated; empty: it does not run then.
  std::string take_over;
  LoopLimits loop;
};

namespace internal {

// What the node's loop needs before the node exists.
struct OrchestratorParts {
  OrchestratorParts(sagas::Registry the_registry, engine::EngineOptions options)
      : registry(std::move(the_registry)), engine(registry, std::move(options)) {}
  const sagas::Registry registry;
  engine::Engine engine;
};

}  // namespace internal

// The orchestrator: one persisted state machine per reservation.
class OrchestratorNode final : private internal::OrchestratorParts, public Node<engine::EngineIo> {
 public:
  // Errors say what to do. FAILED_PRECONDITION for a copy of another orchestrator's store, unless
  // options.take_over says why this copy should run.
  static absl::StatusOr<std::unique_ptr<OrchestratorNode>> Open(
      const World& world, const OrchestratorOptions& options,
      std::span<const sagas::SagaType* const> types);
  static absl::StatusOr<std::unique_ptr<OrchestratorNode>> Open(const World& world,
                                                                const OrchestratorOptions& options);
  ~OrchestratorNode() override { Stop(absl::ZeroDuration()); }

  // Why it stopped by itself; Ok while it has not. Read it when the world's stop was called.
  const absl::Status& stop_reason() const { return stop_reason_; }

 private:
  OrchestratorNode(const World& world, std::unique_ptr<store::Store> store,
                   const OrchestratorOptions& options, sagas::Registry known,
                   participants::Claimant claimant);

  void OnStarted() override { participants_.Start(); }
  void OnStopping() override { participants_.Stop(); }
  void OnDurable() override { watches_.Wake(); }
  participants::Participants::Hooks HooksOf();
  void ClaimEpoch(uint64_t above, participants::Participants::Claimed claimed);
  void ServeSagas();
  void ServeQueries();
  void ServeEvents();
  bool TellEngine(bool watched, Reply<bool>& stored);

  absl::Status stop_reason_;
  participants::Participants participants_;
  service::EventWatches watches_;
};

}  // namespace seatsaga
