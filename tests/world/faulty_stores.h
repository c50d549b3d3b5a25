#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/clock.h"
#include "common/store/lane.h"
#include "tests/world/agenda.h"

namespace seatsaga::testing {

// How the next commits of a process end.
struct CommitFaults {
  int count = 0;
  store::Committed how = store::Committed::kNothing;
  bool applied = false;  // although they are durable
  std::string service;   // only of this store; empty: of any
  // Called before each commit that writes something: may set the above.
  std::function<void(CommitFaults&)> draw = nullptr;
  // How long each commit takes to reach the store, so that others get there before it; null: no
  // time. Only for stores whose lanes may answer later.
  std::function<absl::Duration()> delay = nullptr;
};

// The stores of one life of a process, over those of any engine: they fail on demand, and once the
// life has ended nothing reaches them. Not thread-safe.
class FaultyStores final : public store::Stores {
 public:
  // All must outlive this and the stores that it opens.
  FaultyStores(store::Stores& stores, CommitFaults& faults, Agenda& agenda, const Clock& clock,
               std::shared_ptr<Life> life)
      : stores_(stores), faults_(faults), agenda_(agenda), clock_(clock), life_(std::move(life)) {}

  absl::StatusOr<std::unique_ptr<store::Store>> Open(const store::Schema& schema) override;

 private:
  store::Stores& stores_;
  CommitFaults& faults_;
  Agenda& agenda_;
  const Clock& clock_;
  const std::shared_ptr<Life> life_;
};

}  // namespace seatsaga::testing
