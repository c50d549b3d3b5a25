#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "common/batch_loop.h"
#include "common/id.h"
#include "common/reply.h"
#include "orchestrator/core/advance.h"
#include "orchestrator/engine/live_sagas.h"
#include "orchestrator/participants/participants.h"
#include "orchestrator/store/saga_store.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"

namespace seatsaga::engine {

struct NewSaga {
  Id id;
  sagas::SagaFacts facts;
};

// What reaches the engine.
struct StartSagas {
  std::vector<NewSaga> sagas;
  Reply<orchestrator::v1::StartSagasResponse> reply;
};
struct CallsEnded {
  std::vector<participants::CallResult> results;
};
struct OperatorRequest {
  enum class Kind { kRetry, kCompensate };
  Id saga_id;
  Kind kind = Kind::kRetry;
  Reply<orchestrator::v1::Saga> reply;
};
struct StatsRequest {
  Reply<orchestrator::v1::GetStatsResponse> reply;
};
using Input = std::variant<StartSagas, CallsEnded, OperatorRequest, StatsRequest>;

struct EngineOptions {
  core::Limits limits;
  // Sagas that may be live at once; more are left to the facade's outbox.
  size_t live_max = 100'000;
  uint64_t fencing_token = 0;
  uint64_t jitter_seed = 0;
  absl::Time start_time;
  // Called (writer thread, after the commit) when a participant has seen a newer orchestrator: this
  // one must stop.
  std::function<void()> on_fenced_off;
};

// Keeps every live saga's state machine, and turns events into durable transitions and then calls.
// All methods run on the batch loop's writer thread.
class Engine final : public BatchHandler<Input> {
 public:
  // Entries that stay in a saga's row before the older ones move to rows of their own.
  static constexpr int64_t kHistoryInRowMax = 64;

  // All must outlive the engine.
  Engine(store::SagaStore& store, participants::Participants& participants, EngineOptions options);

  // Brings back every live saga, and makes the calls again that were outstanding.
  absl::Status Load(absl::Time now, AfterCommit& after) override;
  void Apply(std::vector<Input>& batch, absl::Time now, AfterCommit& after) override;
  absl::Time NextWake() const override { return live_.NextDue(); }

 private:
  void On(StartSagas& input);
  void On(CallsEnded& input);
  void On(OperatorRequest& input);
  void On(StatsRequest& input);

  void Start(NewSaga fresh);
  void OnResult(const participants::CallResult& result);
  // Runs an event through the core and keeps what it decides.
  core::Decision Handle(LiveSaga& saga, core::Event event);
  void Record(LiveSaga& saga, const core::Event& event, absl::Duration duration);
  void Enqueue(const LiveSaga& saga, const core::Command& command);
  void FireTimers();
  void WriteChanges();
  LiveSaga* FindOrRevive(const Id& id);
  double Jitter();

  store::SagaStore& store_;
  participants::Participants& participants_;
  const EngineOptions options_;
  std::mt19937_64 random_;
  LiveSagas live_;

  // Of the present batch.
  absl::Time now_;
  AfterCommit answers_;
  std::vector<LiveSaga*> changed_;
  std::vector<participants::CallRequest> calls_;
  bool fenced_off_ = false;

  int64_t transitions_ = 0;
  int64_t batches_ = 0;
  int64_t completed_ = 0;
  int64_t compensated_ = 0;
};

}  // namespace seatsaga::engine
