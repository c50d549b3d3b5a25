#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "tests/simulation/stage.h"
#include "tests/simulation/supervisor.h"
#include "tests/world/network.h"

namespace seatsaga::simulation {

// An operator moves the orchestrator to another machine, because it is dead, or stands still and
// seems to be. Once no participant obeys the old one any more, it comes back. Not thread-safe.
class Replacement {
 public:
  // Watches the storm's messages from now on.
  Replacement(Stage& stage, Supervisor& supervisor);

  // At most once. Does nothing if stores are not on disks.
  void Begin();
  // Why the old one still acts although it was told; "" if it does not.
  std::string WhyNotOver() const;

 private:
  void BringBack();
  void BringBackOnceFenced();
  void AskWhomTheyObey(uint64_t epoch);
  void Watch(const testing::NetworkCall& call, testing::Leg leg);

  Stage& stage_;
  Supervisor& supervisor_;
  std::set<std::string> obeying_;  // participants, the new one
  std::string replaced_;           // that has come back; empty: none has
  std::set<uint64_t> commands_;    // that it has sent since, by the number of the call
};

}  // namespace seatsaga::simulation
