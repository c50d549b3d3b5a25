// Which transitions tell what, of steps that no saga has.
#include "orchestrator/core/domain_events.h"

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "orchestrator/core/advance.h"

namespace seatsaga::core {
namespace {

using namespace std::chrono_literals;

enum class Call : uint8_t { kNone, kBook, kUnbook, kIssue };
enum class Told : uint8_t { kNone, kAsked, kBooked, kNotBooked, kUnbooked, kIssued };

constexpr std::array kSteps{
    Step{.name = "book",
         .action = Call::kBook,
         .compensation = Call::kUnbook,
         .attempts_max = 2,
         .attempt_deadline = 1s,
         .events = {.requested = Told::kAsked,
                    .succeeded = Told::kBooked,
                    .failed = Told::kNotBooked,
                    .undone = Told::kUnbooked,
                    .undone_says_what = true}},
    Step{.name = "issue",
         .kind = StepKind::kPivot,
         .action = Call::kIssue,
         .retry = RetryPolicy::kUntilDone,
         .attempt_deadline = 1s,
         .events = {.succeeded = Told::kIssued}},
};
static_assert(IsWellFormed(kSteps));
constexpr Definition kTravel{"travel", 1, kSteps};

// What each event of a run tells.
class Run {
 public:
  std::vector<Told> Apply(Event event, bool says_what = false) {
    event.now = absl::UnixEpoch() + absl::Hours(++hours_);
    const Decision decision = Advance(kTravel, state_, event, {});
    REQUIRE(decision.disposition == Disposition::kApplied);
    std::vector<Told> told;
    for (const DomainEventId one :
         DomainEventsOf(kTravel, state_, event, decision.next, says_what)) {
      told.push_back(Told{one.number()});
    }
    state_ = decision.next;
    return told;
  }
  std::vector<Told> Ends(Outcome outcome, bool says_what = false) {
    return Apply({.type = EventType::kCallEnded,
                  .step = state_.step,
                  .direction = state_.phase == Phase::kCompensating ? Direction::kCompensation
                                                                    : Direction::kAction,
                  .attempt = state_.call.attempt,
                  .outcome = outcome},
                 says_what);
  }
  std::vector<Told> TimerFires() { return Apply({.type = EventType::kTimerFired}); }

 private:
  State state_;
  int hours_ = 0;
};

using List = std::vector<Told>;

TEST_CASE("a step is requested once, and then succeeds") {
  Run run;
  REQUIRE(run.Apply({.type = EventType::kStarted}) == List{Told::kAsked});
  REQUIRE(run.Ends(Outcome::kUnknown).empty());
  REQUIRE(run.TimerFires().empty());
  REQUIRE(run.Ends(Outcome::kSucceeded) == List{Told::kBooked});
  REQUIRE(run.Ends(Outcome::kUnknown).empty());
  REQUIRE(run.TimerFires().empty());
  REQUIRE(run.Ends(Outcome::kSucceeded) == List{Told::kIssued});
}

TEST_CASE("a step that is refused, or whose outcome stays unknown, has failed") {
  Run refused;
  refused.Apply({.type = EventType::kStarted});
  REQUIRE(refused.Ends(Outcome::kRefused) == List{Told::kNotBooked});
  Run unknown;
  unknown.Apply({.type = EventType::kStarted});
  REQUIRE(unknown.Ends(Outcome::kUnknown).empty());
  unknown.TimerFires();
  REQUIRE(unknown.Ends(Outcome::kUnknown) == List{Told::kNotBooked});
}

TEST_CASE("a step that is given up while it waits for its next attempt has failed") {
  Run run;
  run.Apply({.type = EventType::kStarted});
  run.Ends(Outcome::kUnknown);
  REQUIRE(run.Apply({.type = EventType::kCancelRequested}) == List{Told::kNotBooked});
}

TEST_CASE("an undo that must say what it did tells nothing if it did nothing") {
  const bool says_what = GENERATE(true, false);
  Run run;
  run.Apply({.type = EventType::kStarted});
  REQUIRE(run.Apply({.type = EventType::kCancelRequested}).empty());
  REQUIRE(run.Ends(Outcome::kSucceeded) == List{Told::kBooked});
  REQUIRE(run.Ends(Outcome::kUnknown).empty());
  run.TimerFires();
  REQUIRE(run.Ends(Outcome::kSucceeded, says_what) == (says_what ? List{Told::kUnbooked} : List{}));
}

}  // namespace
}  // namespace seatsaga::core
