#include "tests/simulation/replacement.h"

#include <algorithm>
#include <array>

#include "api/orchestrator.h"
#include "api/saga.h"
#include "api/seat.h"

namespace seatsaga::simulation {
namespace {

constexpr std::array<const char*, 3> kParticipants{kSeats, kPayments, kReservations};
constexpr absl::Duration kAskAgain = absl::Milliseconds(300);

testing::CallOptions OfOperators() { return {.deadline = absl::Seconds(5), .from = "operators"}; }

}  // namespace

Replacement::Replacement(Stage& stage, Supervisor& supervisor)
    : stage_(stage), supervisor_(supervisor) {
  stage.system.storm().set_watch(
      [this](const testing::NetworkCall& call, testing::Leg leg) { Watch(call, leg); });
}

void Replacement::Begin() {
  System& system = stage_.system;
  if (!system.has_disks()) return;
  const std::string old = system.orchestrator();
  supervisor_.HoldBack(old);
  if (system.Runs(old) && stage_.dice.Chance(0.3)) {
    supervisor_.Crash(old, /*power=*/false);
  } else {
    stage_.world().Pause(old, absl::InfiniteDuration());
  }
  if (!system.TakeOver()) return BringBack();
  supervisor_.Restart(system.orchestrator());
  BringBackOnceFenced();
  // The facade is told whom to call by its next start.
  if (!system.Runs(kReservations)) return;
  stage_.In(stage_.dice.Between(absl::Milliseconds(1), absl::Seconds(2)), [this] {
    if (!stage_.system.Runs(kReservations)) return;
    stage_.system.Crash(kReservations);
    supervisor_.Restart(kReservations);
  });
}

// The old one goes on, or starts again.
void Replacement::BringBack() {
  const std::string old = supervisor_.held_back();
  supervisor_.HoldBack("");
  if (stage_.system.IsSuperseded(old)) replaced_ = old;
  stage_.Trace(absl::StrCat(old, " comes back"));
  if (stage_.system.Runs(old)) {
    stage_.world().Pause(old, absl::ZeroDuration());
  } else {
    supervisor_.Restart(old);
  }
}

// The operator keeps the old one still until every participant obeys the new one: whatever the old
// one did meanwhile would be missing in the copy of its data.
void Replacement::BringBackOnceFenced() {
  if (obeying_.size() == kParticipants.size()) return BringBack();
  // It knows of no such saga only once it commands somebody; before, it does not say.
  orchestrator::v1::RetrySagaRequest nobodys;
  nobodys.set_saga_id(stage_.NewId());
  const std::string fresh = stage_.system.orchestrator();
  stage_.Ask(
      fresh, orchestrator::kRetrySaga, nobodys, OfOperators(), [this, fresh](const auto& no) {
        if (!absl::IsNotFound(no.status())) return;
        stage_.Ask(fresh, orchestrator::kGetStats, {}, OfOperators(), [this](const auto& stats) {
          if (stats.ok()) AskWhomTheyObey(stats->fencing_epoch());
        });
      });
  stage_.In(kAskAgain, [this] { BringBackOnceFenced(); });
}

void Replacement::AskWhomTheyObey(uint64_t epoch) {
  for (const char* participant : kParticipants) {
    stage_.Ask(participant, saga::kGetFencing, {}, OfOperators(),
               [this, participant, epoch](const auto& fencing) {
                 if (!fencing.ok()) return;
                 const auto& ranges = fencing->ranges();
                 if (std::all_of(ranges.begin(), ranges.end(), [epoch](const auto& range) {
                       return range.token().epoch() == epoch;
                     })) {
                   obeying_.insert(participant);
                 }
               });
  }
}

// Once it has come back, no participant obeys the old one, which stops when it is told.
void Replacement::Watch(const testing::NetworkCall& call, testing::Leg leg) {
  if (replaced_.empty() || call.caller->process != replaced_ ||
      !call.method->descriptor->name().starts_with("Execute")) {
    return;
  }
  if (leg == testing::Leg::kRequest) {
    commands_.insert(call.number);
    return;
  }
  if (!commands_.contains(call.number)) return;
  seat::v1::ExecuteSeatCommandsResponse response;  // all participants' have this form
  response.ParseFromString(call.answer);
  for (const auto& result : response.results()) {
    if (result.reason() == "STALE_FENCING_TOKEN") continue;
    stage_.violations.push_back(absl::StrCat("system: ", call.to, " obeys ", replaced_,
                                             ", which was replaced: ", result.reason()));
  }
}

std::string Replacement::WhyNotOver() const {
  if (commands_.empty() || !stage_.system.Runs(replaced_)) return "";
  return absl::StrCat(replaced_, " goes on, although it was replaced");
}

}  // namespace seatsaga::simulation
