#pragma once

#include <functional>
#include <memory>
#include <string>

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
};

// The stores of one life of a process, over those of any engine: they fail on demand, and once the
// life has ended nothing reaches them. Not thread-safe.
class FaultyStores final : public store::Stores {
 public:
  // All must outlive this and the stores that it opens.
  FaultyStores(store::Stores& stores, CommitFaults& faults, std::shared_ptr<Life> life)
      : stores_(stores), faults_(faults), life_(std::move(life)) {}

  absl::StatusOr<std::unique_ptr<store::Store>> Open(const store::Schema& schema) override;

 private:
  store::Stores& stores_;
  CommitFaults& faults_;
  const std::shared_ptr<Life> life_;
};

}  // namespace seatsaga::testing
