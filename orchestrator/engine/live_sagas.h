#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <queue>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/id.h"
#include "orchestrator/core/advance.h"
#include "orchestrator/sagas/saga_facts.h"
#include "orchestrator/store/saga_store.h"

namespace seatsaga::engine {

// A saga that is not terminal, as the engine keeps it in memory: decoded beside its encoded row, so
// that a transition is a write and never a read.
struct LiveSaga {
  const core::Definition* definition = nullptr;
  core::State state;
  std::shared_ptr<const sagas::SagaFacts> facts;
  store::SagaRow row;
  int64_t history_first = 1;  // sequence of the first entry in row.history
  bool stored = false;        // false until its insert is in a committed or present batch
  bool stored_live = true;    // row.live as stored
  bool dirty = false;         // changed in the present batch
};

// Decodes a row. DataLoss, naming the saga, for one that this binary cannot run.
absl::StatusOr<LiveSaga> Revive(store::SagaRow row);

// Every live saga and when each is due. Bounded by the engine's admission. Not thread-safe.
class LiveSagas {
 public:
  void Clear();
  size_t size() const { return sagas_.size(); }
  LiveSaga* Find(const Id& id);
  // References stay valid until the saga is erased.
  LiveSaga& Add(LiveSaga saga);
  void Erase(const Id& id) { sagas_.erase(id); }

  // Notes the saga's `state.due`.
  void Schedule(const LiveSaga& saga);
  absl::Time NextDue() const;
  // A saga that is due at `now`, or null. Each call takes one appointment off.
  LiveSaga* TakeDue(absl::Time now);

  template <class F>
  void ForEach(F visit) const {
    for (const auto& [id, saga] : sagas_) visit(*saga);
  }

 private:
  struct Appointment {
    absl::Time due;
    Id id;
    friend bool operator>(const Appointment& a, const Appointment& b) { return a.due > b.due; }
  };

  absl::flat_hash_map<Id, std::unique_ptr<LiveSaga>> sagas_;
  // Appointments are not removed when a saga moves on: TakeDue passes over those that are out of
  // date.
  std::priority_queue<Appointment, std::vector<Appointment>, std::greater<>> appointments_;
};

}  // namespace seatsaga::engine
