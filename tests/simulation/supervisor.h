#pragma once

#include <string>

#include "tests/simulation/stage.h"

namespace seatsaga::simulation {

// Starts again what has died, or has asked to be stopped. Not thread-safe.
class Supervisor {
 public:
  explicit Supervisor(Stage& stage) : stage_(stage) {}

  // Takes care of those that have stopped or have lost their power.
  void Look();
  // Kills it; with `power` its machine loses its power during its next I/O.
  void Crash(const std::string& process, bool power);
  // Some time from now.
  void Restart(const std::string& process);
  // It is not started again; "" ends that.
  void HoldBack(const std::string& process) { held_back_ = process; }
  const std::string& held_back() const { return held_back_; }

 private:
  void StartNow(const std::string& process);

  Stage& stage_;
  std::string held_back_;
  int superseded_starts_ = 0;
};

}  // namespace seatsaga::simulation
