#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "common/due_queue.h"
#include "common/id.h"
#include "common/node/logic.h"
#include "orchestrator/core/limits.h"
#include "orchestrator/engine/events.h"
#include "orchestrator/engine/live_saga.h"
#include "orchestrator/participants/call.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"

// From events to durable transitions, and then calls.
namespace seatsaga::engine {

struct NewSaga {
  Id id;
  const sagas::SagaType* type = nullptr;
  std::shared_ptr<const sagas::SagaData> data;
};

// The engine's inputs.
struct StartSagas {
  std::vector<NewSaga> sagas;
};
// What a client did that its saga must know of.
struct Signal {
  Id saga_id;
  core::EventType type = core::EventType::kSignalled;
  std::string step;  // kSignalled: the wait that ends, and which visit of it
  int round = 1;
  absl::Duration hold_duration;  // kHoldExtended: from now
  sagas::SagaData adds;          // to the saga's data; its arm is the saga's, or not set
};
struct SubmitSignals {
  std::vector<Signal> signals;
};
struct CallsEnded {
  std::vector<participants::CallResult> results;
};
struct OperatorRequest {
  enum class Kind : uint8_t { kRetry, kCompensate };
  Id saga_id;
  Kind kind = Kind::kRetry;
};
struct StatsRequest {};
// Answered with an epoch for all partitions, above this one and every one in the store, once it is
// durable: so that no other process of this store ever claims the same.
struct ClaimEpoch {
  uint64_t above = 0;
};
// Whether this process commands participants. Until it does, it acknowledges nothing, because its
// data may turn out to be outdated.
struct Commanding {
  bool now = false;
};

// Whether somebody reads the domain events. Answered once all are in rows.
struct WatchEvents {
  bool watched = false;
};

struct Epoch {
  uint64_t epoch = 0;
};
struct Stored {};

// What a batch changes in the engine's memory.
struct Change {
  std::vector<std::unique_ptr<LiveSaga>> sagas;  // replace those of the same ids, if there are any
  int64_t batches = 0;
  int64_t transitions = 0;
  int64_t completed = 0;
  int64_t compensated = 0;
  std::optional<uint64_t> epoch;
  std::optional<bool> commanding;
  std::optional<Mono> expiries_from;
  EventsChange events;
};

struct EngineIo {
  using In = std::variant<StartSagas, SubmitSignals, CallsEnded, OperatorRequest, StatsRequest,
                          ClaimEpoch, Commanding, WatchEvents>;
  using Out =
      std::variant<orchestrator::v1::StartSagasResponse, orchestrator::v1::SubmitSignalsResponse,
                   orchestrator::v1::Saga, orchestrator::v1::GetStatsResponse, Epoch, Stored>;
  using Send = participants::CallRequest;
  using Memory = Change;
};

struct EngineOptions {
  core::Limits limits;
  // Sagas that may be live at once; any more stay in the facade's outbox. Each takes about 1.5 KB
  // of memory. A hold is live until it is paid for or expires.
  size_t live_max = 1'000'000;
  // Domain events that are older may be erased.
  absl::Duration events_kept = absl::Hours(24 * 7);
  // This process.
  Id holder;
  absl::Time start_time;
  // Why it runs although its data may be outdated; empty: it does not run then.
  std::string take_over;
};

// What the engine remembers.
struct EngineMemory {
  absl::flat_hash_map<Id, std::unique_ptr<LiveSaga>> live;
  DueQueue<Id> due;       // retries
  DueQueue<Id> expiries;  // holds that nobody has paid for
  // Holds that expire at once are undone a few at a time: the next ones not before this.
  Mono expiries_from = Mono::InfinitePast();
  uint64_t epoch = 0;  // the highest that the store has claimed
  int64_t unreadable = 0;
  EventsMemory events;
  // Since this process started: these outlive a Load.
  int64_t batches = 0;
  int64_t transitions = 0;
  int64_t completed = 0;
  int64_t compensated = 0;
  bool commanding = false;
  bool took_over = false;  // options.take_over has been recorded
};

// Keeps every live saga's state machine. An owner: memory runs ahead of the commit.
class Engine final : public Logic<EngineIo> {
 public:
  // Entries that stay in a saga's row before the older ones move to rows of their own.
  static constexpr int64_t kHistoryInRowMax = 64;

  // `registry` must outlive the engine.
  Engine(const sagas::Registry& registry, EngineOptions options);

  void Want(std::span<const In> inputs, int round, store::Rows& rows) const override;
  void Decide(std::span<const In> inputs, store::Rows& rows, const Tick& tick,
              Plan<EngineIo>& plan) const override;
  void Remember(Change&& change) override;
  // Brings back every live saga, and makes the calls again that were outstanding. One that cannot
  // be read is logged and left alone.
  absl::Status Load(store::Snapshot& snapshot, const Tick& tick, Plan<EngineIo>& plan) override;
  Mono NextWake() const override {
    return std::min(memory_.due.NextDue(),
                    std::max(memory_.expiries.NextDue(), memory_.expiries_from));
  }
  const store::Fence* fence() const override { return &fence_; }

  const EngineMemory& memory() const { return memory_; }

 private:
  void Put(std::unique_ptr<LiveSaga> saga);
  // Where its timer is kept.
  DueQueue<Id>& TimersOf(const LiveSaga& saga) {
    return saga.state.phase == core::Phase::kWaiting ? memory_.expiries : memory_.due;
  }

  const sagas::Registry& registry_;
  const EngineOptions options_;
  EngineMemory memory_;
  store::Fence fence_;
  // Have finished in the present batch: their rows are still to be written.
  std::vector<std::unique_ptr<LiveSaga>> finished_;
};

// A call to be made, with everything that its request needs.
participants::CallRequest RequestOf(const LiveSaga& saga, const core::Command& command);

}  // namespace seatsaga::engine
