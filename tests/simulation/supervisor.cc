#include "tests/simulation/supervisor.h"

namespace seatsaga::simulation {
namespace {

// How often an orchestrator that another one has replaced is started again.
constexpr int kSupersededStartsMax = 3;

}  // namespace

void Supervisor::Look() {
  for (const std::string& process : stage_.system.Stopped()) {
    stage_.system.Crash(process);
    Restart(process);
  }
  for (const std::string& process : stage_.system.Lost()) {
    stage_.system.Crash(process);
    Restart(process);
  }
}

void Supervisor::Crash(const std::string& process, bool power) {
  if (power && stage_.system.has_disks()) return stage_.system.CutPower(process);
  stage_.dice.Count(Fault::kCrash);
  stage_.system.Crash(process);
  Restart(process);
}

void Supervisor::Restart(const std::string& process) {
  if (stage_.system.IsSuperseded(process) && ++superseded_starts_ > kSupersededStartsMax) return;
  stage_.In(stage_.dice.Between(absl::Milliseconds(1), absl::Seconds(3)),
            [this, process] { StartNow(process); });
}

void Supervisor::StartNow(const std::string& process) {
  System& system = stage_.system;
  Dice& dice = stage_.dice;
  if (system.Runs(process) || process == held_back_) return;
  if (dice.Strikes(Fault::kPowerCutInIo)) system.CutPowerInIo(process);
  if (!system.Start(process)) return Restart(process);
  if (!dice.Strikes(Fault::kCrashAgain)) return;
  stage_.In(dice.Between(absl::Microseconds(1), absl::Milliseconds(20)), [this, process] {
    if (stage_.dice.healed || !stage_.system.Runs(process)) return;
    stage_.dice.Count(Fault::kCrashAgain);
    Crash(process, /*power=*/false);
  });
}

}  // namespace seatsaga::simulation
