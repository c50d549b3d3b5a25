#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/random.h"
#include "orchestrator/core/advance.h"
#include "orchestrator/engine/engine.h"
#include "orchestrator/engine/events.h"

namespace seatsaga::engine {

// What comes with an event; null: nothing.
struct ComesWith {
  const saga::v1::ActionResult* result = nullptr;  // what the call did
  const sagas::SagaData* adds = nullptr;           // to the saga's data
};

// One batch being decided: changes nothing but the rows and the plan. The sagas that change are
// copies, which the engine remembers in the place of its own.
class Deciding {
 public:
  Deciding(const sagas::Registry& registry, const EngineOptions& options,
           const EngineMemory& memory, store::Rows& rows, const Tick& tick, Plan<EngineIo>& plan);

  void On(size_t input, const StartSagas& start);
  void On(size_t input, const SubmitSignals& submitted);
  void On(size_t input, const CallsEnded& ended);
  void On(size_t input, const OperatorRequest& request);
  void On(size_t input, const StatsRequest& request);
  void On(size_t input, const ClaimEpoch& claim);
  void On(size_t input, const Commanding& commanding);
  void On(size_t input, const WatchEvents& watch);
  void FireTimers();
  // Writes what changed. The last call.
  void Finish();

 private:
  // Whether the saga that it follows is still live.
  bool MustWait(const NewSaga& fresh) const;
  // False if it cannot be started now.
  bool Start(const NewSaga& fresh);
  saga::v1::CommandResult Take(const Signal& signal);
  void OnResult(const participants::CallResult& result);
  // Runs an event through the core and keeps what it decides.
  core::Decision Handle(const LiveSaga& saga, core::Event event, const ComesWith& with = {});
  void Record(LiveSaga& saga, const core::Event& event, absl::Duration duration,
              const saga::v1::ActionResult* result, const store::ToldEvents& told);
  void Write(LiveSaga& saga);
  void Forget(LiveSaga& saga);
  void RecordTakeover();
  void LogAttention(const LiveSaga& saga, bool before);
  void Fire(Mono due, const Id& id);

  // As the batch has it by now; null if it is not live.
  const LiveSaga* Find(const Id& id) const;
  // The same; a finished one comes back into `finished`, so that the core can say what may be done
  // with it. NOT_FOUND if there is none.
  absl::StatusOr<const LiveSaga*> FindAny(const Id& id, absl::StatusOr<LiveSaga>& finished) const;
  // This batch's own copy.
  LiveSaga& Draft(const LiveSaga& saga);
  LiveSaga& AddDraft(std::unique_ptr<LiveSaga> saga);
  // True, and the input is answered, if nothing may be promised now.
  bool RefusedUnlessCommanding(size_t input);
  uint64_t epoch() const { return change_.epoch.value_or(memory_.epoch); }

  const sagas::Registry& registry_;
  const EngineOptions& options_;
  const EngineMemory& memory_;
  store::Rows& rows_;
  const Tick& tick_;
  Plan<EngineIo>& plan_;
  Change& change_;
  EventWriting events_;
  Random random_;
  absl::flat_hash_map<Id, LiveSaga*> drafts_;  // those of change_.sagas
  size_t started_ = 0;
  bool commanding_;
};

}  // namespace seatsaga::engine
