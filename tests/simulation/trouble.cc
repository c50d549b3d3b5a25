#include "tests/simulation/trouble.h"

#include <vector>

#include "absl/strings/str_cat.h"

namespace seatsaga::simulation {

void Trouble::Plan(absl::Duration trouble) {
  const auto& rates = dice_.rates();
  if (rates.Of(Fault::kCrash) > 0) PlanCrash(absl::Seconds(8));
  const auto plan = [&](Fault fault, int most, absl::Duration within,
                        const std::function<void()>& act) {
    for (int i = 0; i < most; ++i) {
      if (dice_.Chance(rates.Of(fault))) {
        stage_.In(dice_.Between(absl::ZeroDuration(), within), act);
      }
    }
  };
  plan(Fault::kPartition, 6, trouble, [this] { CutSomething(); });
  plan(Fault::kPause, 4, trouble, [this] { PauseSomething(); });
  plan(Fault::kPowerCutInIo, 4, trouble, [this] { stage_.system.CutPowerInIo(AnyProcess()); });
  plan(Fault::kDiskError, 4, trouble, [this] { SpoilSomeDisk(); });
  plan(Fault::kDiskFull, 4, trouble, [this] {
    stage_.system.SpoilDisk(AnyProcess(), Fault::kDiskFull);
    HealStoresSoon();
  });
  plan(Fault::kStoreLost, 4, trouble, [this] {
    stage_.system.Disconnect(AnyProcess());
    HealStoresSoon();
  });
  plan(Fault::kOpenedAgain, 2, trouble, [this] { OpenSomethingAgain(); });
  // Early, so that many sagas are under way.
  plan(Fault::kTakeOver, 1, absl::Seconds(12), [this] { replacement_.Begin(); });
  plan(Fault::kWallStep, 4, trouble, [this] { StepSomeClock(); });
  plan(Fault::kSlowClock, 4, trouble, [this] { SlowSomeClock(); });
}

void Trouble::Disturb(int64_t steps) {
  steps_ = steps;
  supervisor_.Look();
  if (crash_at_step_ < 0 || steps_ < crash_at_step_) return;
  crash_at_step_ = -1;
  CrashSomething();
  if (dice_.Chance(dice_.rates().Of(Fault::kCrash))) PlanCrash(absl::Seconds(6));
}

// What was planned happens, except trouble: customers ask again, the dead start again.
void Trouble::End() {
  crash_at_step_ = -1;
  stage_.system.HealStores();
  stage_.system.EndPowerCuts();
  for (const std::string& process : stage_.system.Running()) {
    if (process != supervisor_.held_back()) stage_.world().Pause(process, absl::ZeroDuration());
    stage_.world().SetClockRate(process, 1.0);
  }
}

// At a scheduling point, not at a time: any moment between two things that happen.
void Trouble::PlanCrash(absl::Duration within) {
  stage_.In(dice_.Between(absl::ZeroDuration(), within), [this] {
    if (!dice_.healed) crash_at_step_ = steps_ + dice_.Between(0, 40);
  });
}

void Trouble::CrashSomething() {
  const std::vector<std::string> running = stage_.system.Running();
  if (running.empty()) return;
  if (!dice_.Chance(0.15)) {
    return supervisor_.Crash(dice_.OneOf(running), dice_.Strikes(Fault::kPowerCut));
  }
  // All of them at once.
  const bool power = dice_.Strikes(Fault::kPowerCut);
  for (const std::string& process : running) supervisor_.Crash(process, power);
}

void Trouble::CutSomething() {
  const std::string from = AnyProcess();
  const std::string to = AnyProcess();
  if (from == to) return;
  stage_.Trace(absl::StrCat("nothing gets from ", from, " to ", to));
  // Now and then long enough for all attempts of a call.
  const absl::Duration most = dice_.Chance(0.25) ? absl::Seconds(15) : absl::Seconds(5);
  stage_.system.storm().Cut(from, to,
                            stage_.world().now() + dice_.Between(absl::Milliseconds(50), most));
}

void Trouble::PauseSomething() {
  const std::vector<std::string> running = stage_.system.Running();
  if (running.empty()) return;
  const std::string& who = dice_.OneOf(running);
  if (who == supervisor_.held_back()) return;  // that one stands still until it is let go
  stage_.Trace(absl::StrCat(who, " stands still"));
  stage_.world().Pause(who, dice_.Between(absl::Milliseconds(50), absl::Seconds(7)),
                       [this] { dice_.Count(Fault::kPause); });
}

void Trouble::SpoilSomeDisk() {
  const std::string who = AnyProcess();
  stage_.system.SpoilDisk(who, Fault::kDiskError);
  HealStoresSoon();
  // A person may restart what complains of its disk.
  if (!dice_.Chance(0.4)) return;
  stage_.In(dice_.Between(absl::Milliseconds(1), absl::Seconds(1)), [this, who] {
    if (!dice_.healed && stage_.system.Runs(who)) supervisor_.Crash(who, /*power=*/false);
  });
}

void Trouble::HealStoresSoon() {
  stage_.In(dice_.Between(absl::Milliseconds(1), absl::Seconds(4)),
            [this] { stage_.system.HealStores(); });
}

void Trouble::OpenSomethingAgain() {
  const std::string who = AnyProcess();
  if (stage_.system.OpenAgain(who)) return;
  stage_.violations.push_back(absl::StrCat("system: two processes open the store of ", who));
}

void Trouble::StepSomeClock() {
  const std::string who = AnyProcess();
  if (stage_.system.Runs(who)) dice_.Count(Fault::kWallStep);
  const absl::Duration offset = dice_.Between(-absl::Hours(2), absl::Hours(2));
  stage_.Trace(
      absl::StrCat("the wall clock of ", who, " is off by ", absl::FormatDuration(offset)));
  stage_.world().SetWallOffset(who, offset);
  stage_.wall_stepped = true;
}

void Trouble::SlowSomeClock() {
  const std::string who = AnyProcess();
  if (stage_.system.Runs(who)) dice_.Count(Fault::kSlowClock);
  stage_.world().SetClockRate(who, 0.5 + 1.5 * static_cast<double>(dice_.Between(0, 100)) / 100);
}

}  // namespace seatsaga::simulation
