#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "tests/simulation/replacement.h"
#include "tests/simulation/stage.h"
#include "tests/simulation/supervisor.h"

namespace seatsaga::simulation {

// What goes wrong by itself, apart from messages, commits and the payment company, whose faults are
// drawn where they happen. Not thread-safe.
class Trouble {
 public:
  explicit Trouble(Stage& stage) : stage_(stage), dice_(stage.dice) {}

  // What will happen within `trouble`.
  void Plan(absl::Duration trouble);
  // After each thing that happens in the world; `steps` counts them.
  void Disturb(int64_t steps);
  // No more.
  void End();
  const Replacement& replacement() const { return replacement_; }

 private:
  void PlanCrash(absl::Duration within);
  void CrashSomething();
  void CutSomething();
  void PauseSomething();
  void SpoilSomeDisk();
  void StepSomeClock();
  void SlowSomeClock();
  void OpenSomethingAgain();
  void HealStoresSoon();
  std::string AnyProcess() { return dice_.OneOf(stage_.system.Processes()); }

  Stage& stage_;
  Dice& dice_;
  Supervisor supervisor_{stage_};
  Replacement replacement_{stage_, supervisor_};
  int64_t steps_ = 0;
  int64_t crash_at_step_ = -1;
};

}  // namespace seatsaga::simulation
