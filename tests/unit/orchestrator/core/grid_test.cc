// Every state times every event: all that a saga can reach, and all that a damaged store could
// hold.
#include "tests/unit/orchestrator/core/grid.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace seatsaga::core {
namespace {

using namespace std::chrono_literals;

// A saga with everything that the reservation has not: it goes straight back to
// its wait, has a pivot with a probe and its own budget, and steps after the pivot.
enum class Do : uint8_t { kNone, kBook, kUnbook, kPay, kAskPay, kRepay, kIssue, kAskIssue, kMail };
constexpr std::array kTripSteps{
    Step{.name = "book", .action = Do::kBook, .compensation = Do::kUnbook, .attempt_deadline = 1s},
    Step{.name = "pause", .kind = StepKind::kWait, .expires = {"PAUSE_OVER", "nobody came"}},
    Step{.name = "pay",
         .action = Do::kPay,
         .compensation = Do::kRepay,
         .probe = Do::kAskPay,
         .attempts_max = 1,
         .attempt_deadline = 1s,
         .goes_back_to = "pause",
         .visits_max = 2},
    Step{.name = "issue",
         .kind = StepKind::kPivot,
         .action = Do::kIssue,
         .probe = Do::kAskIssue,
         .retry = RetryPolicy::kUntilDone,
         .attempts_max = 3,
         .attempt_deadline = 1s},
    Step{.name = "mail",
         .kind = StepKind::kRetriable,
         .action = Do::kMail,
         .retry = RetryPolicy::kUntilDone,
         .attempt_deadline = 1s},
    Step{.name = "mail_again",
         .kind = StepKind::kRetriable,
         .action = Do::kMail,
         .retry = RetryPolicy::kUntilDone,
         .attempt_deadline = 1s},
};
static_assert(IsWellFormed(kTripSteps));
constexpr Definition kTrip{.name = "trip", .version = 3, .steps = kTripSteps};

const Limits kLimits{.attempts_max = 2};

// The reservation's saga with at most two visits of each step, which shows all that more would.
const Definition& ReservationWithFewTries() {
  static const std::vector<Step> steps = [] {
    const auto all = ReservationSaga().steps;
    std::vector<Step> few(all.begin(), all.end());
    for (Step& step : few) step.visits_max = std::min(step.visits_max, 2);
    return few;
  }();
  static const Definition definition{
      .name = ReservationSaga().name, .version = ReservationSaga().version, .steps = steps};
  return definition;
}

// What an observer of the calls and answers knows, apart from the core: one bit a step.
struct Observed {
  unsigned may_have_happened = 0;
  unsigned succeeded = 0;
  unsigned undone = 0;
};
struct Node {
  State state;
  Observed observed;
};

unsigned Bit(int step) { return 1U << step; }

std::string Observe(const Definition& definition, const Event& event, const State& before,
                    const Decision& decision, Observed& seen) {
  const State& next = decision.next;
  const bool parks = next.parked.reason == kImpossibleEvent;
  if (IsAnswer(event) && !parks && event.direction == Direction::kAction) {
    if (event.outcome == Outcome::kRefused) seen.may_have_happened &= ~Bit(event.step);
    if (event.outcome == Outcome::kSucceeded) seen.succeeded |= Bit(event.step);
  }
  if (IsAnswer(event) && !parks && event.direction == Direction::kCompensation &&
      event.outcome == Outcome::kSucceeded) {
    if (seen.undone % (Bit(event.step) * 2) != 0) return "compensated in a wrong order";
    seen.undone |= Bit(event.step);
  }
  if (next.phase != Phase::kCompensating && next.phase != Phase::kCompensated) {
    // Done by others before the saga came by.
    for (int i = 0; i < next.step; ++i) {
      const Step& step = definition.steps[static_cast<size_t>(i)];
      if (step.action.IsNone() && !step.compensation.IsNone()) seen.may_have_happened |= Bit(i);
    }
  }
  for (const Command& command : decision.commands) {
    if (command.kind == CallKind::kAction) seen.may_have_happened |= Bit(command.step);
    if (command.kind == CallKind::kCompensation &&
        (seen.may_have_happened & Bit(command.step)) == 0) {
      return "undoes what cannot have happened";
    }
  }
  unsigned acting = 0;
  unsigned undoable = 0;
  for (size_t i = 0; i < definition.steps.size(); ++i) {
    const Step& step = definition.steps[i];
    const bool passed_over = step.only_holds && !next.hold.has_value();
    if (!step.action.IsNone() && !passed_over) acting |= Bit(static_cast<int>(i));
    if (!definition.steps[i].compensation.IsNone()) undoable |= Bit(static_cast<int>(i));
  }
  if (next.phase == Phase::kCompensated &&
      (seen.may_have_happened & undoable & ~seen.undone) != 0) {
    return "something that may have happened is not undone";
  }
  if (next.phase == Phase::kCompleted && before.phase != Phase::kCompleted &&
      seen.succeeded != acting) {
    return "completed without every step";
  }
  return "";
}

// Two nodes with one key behave alike: times, numbers and words only pass through.
auto KeyOf(const Node& node) {
  const State& s = node.state;
  return std::make_tuple(
      IsStarted(s), s.phase, s.step, s.call.kind, s.call.under_way, s.call.in_doubt,
      std::min(s.call.unknown_count, 4), s.parked.kind, s.cancel_requested, s.hold.has_value(),
      s.visits, s.hold.has_value() ? s.hold->signalled : 0, node.observed.may_have_happened,
      node.observed.succeeded, node.observed.undone);
}

// A damaged state is turned away whatever the event says, so one of each will do.
std::vector<Event> OneOfEachType(const State& state) {
  std::vector<Event> events;
  for (size_t type = 0; type < kEventTypes; ++type) {
    events.push_back({.type = static_cast<EventType>(type),
                      .now = state.due,
                      .step = state.step,
                      .attempt = state.call.attempt,
                      .outcome = Outcome::kSucceeded,
                      .hold_expiry = kHoldEnds + absl::Hours(1)});
  }
  return events;
}

struct Cell {
  int applied = 0;
  int ignored = 0;
  int rejected = 0;
};

class Grid {
 public:
  explicit Grid(const Definition& definition) : definition_(definition) {}

  // Advances, checks what must hold always, counts. Says so if something does not hold.
  Decision Try(const State& state, const Event& event) {
    Decision decision = Advance(definition_, state, event, kLimits);
    Check(WrongWith(definition_, state, event, decision), state, event);
    Cell& cell = cells_[static_cast<size_t>(StandingOf(state))][static_cast<size_t>(event.type)];
    ++(decision.disposition == Disposition::kApplied   ? cell.applied
       : decision.disposition == Disposition::kIgnored ? cell.ignored
                                                       : cell.rejected);
    if (decision.disposition == Disposition::kApplied) {
      edges_.insert({StandingOf(state), event.type, event.outcome, StandingOf(decision.next)});
    }
    ++pairs_;
    return decision;
  }

  // Everything that can be reached from the start.
  std::vector<Node> Explore() {
    std::vector<Node> found{Node{}};
    std::set<decltype(KeyOf(Node{}))> known{KeyOf(found[0])};
    for (size_t i = 0; i < found.size(); ++i) {
      const Node node = found[i];
      for (const Event& event : AllEvents(definition_, node.state)) {
        const Decision decision = Try(node.state, event);
        if (decision.disposition != Disposition::kApplied) continue;
        Node next{decision.next, node.observed};
        Check(Observe(definition_, event, node.state, decision, next.observed), node.state, event);
        if (known.insert(KeyOf(next)).second) found.push_back(std::move(next));
      }
    }
    return found;
  }

  void Check(const std::string& wrong, const State& state, const Event& event) const {
    if (!wrong.empty()) FAIL(wrong << ": " << Describe(state, event));
  }

  // One letter an event type: A if the saga moves for some such event, - if never.
  std::string Row(size_t standing) const {
    std::string row;
    for (const Cell& cell : cells_[standing]) row += cell.applied > 0 ? 'A' : '-';
    return row;
  }
  bool IsCovered(size_t standing) const {
    for (const Cell& cell : cells_[standing]) {
      if (cell.applied + cell.ignored + cell.rejected == 0) return false;
    }
    return true;
  }

  void Report(size_t states) const {
    std::cout << "\n"
              << definition_.name << ": " << states << " states, " << pairs_
              << " state x event pairs, " << edges_.size()
              << " kinds of transition (applied/ignored/rejected):\n"
              << std::setw(27) << "";
    for (size_t t = 0; t < kEventTypes; ++t) {
      std::cout << std::setw(22) << Name(static_cast<EventType>(t));
    }
    for (size_t s = 0; s < kStandings.size(); ++s) {
      std::cout << "\n" << std::left << std::setw(27) << kStandings[s] << std::right;
      for (const Cell& cell : cells_[s]) {
        std::cout << std::setw(22) << Cat(cell.applied, "/", cell.ignored, "/", cell.rejected);
      }
    }
    std::cout << "\n" << std::flush;
  }

 private:
  const Definition& definition_;
  std::array<std::array<Cell, kEventTypes>, kStandings.size()> cells_{};
  std::set<std::tuple<Standing, EventType, Outcome, Standing>> edges_;
  int pairs_ = 0;
};

// With participants that succeed, timers that fire and an operator who retries, every saga ends.
void CheckThatItEnds(Grid& grid, const Node& node) {
  State state = node.state;
  for (int i = 0; i < 40 && IsStarted(state) && !IsTerminal(state); ++i) {
    Event event{.type = EventType::kOperatorRetried, .now = kNoon};
    if (state.call.under_way) {
      const bool probing = state.call.kind == CallKind::kProbe;
      const bool undoing = state.call.kind == CallKind::kCompensation;
      event = {.type = probing ? EventType::kProbeEnded : EventType::kCallEnded,
               .now = kNoon,
               .step = state.step,
               .direction = undoing ? Direction::kCompensation : Direction::kAction,
               .round = RoundOf(state, state.step),
               .attempt = state.call.attempt,
               .outcome = Outcome::kSucceeded};
    } else if (state.due != absl::InfiniteFuture()) {
      event = {.type = EventType::kTimerFired, .now = state.due};
    }
    const Decision decision = grid.Try(state, event);
    if (decision.disposition != Disposition::kApplied) {
      FAIL("stuck: " << decision.detail << ": " << Describe(state, event));
    }
    state = decision.next;
  }
  if (IsStarted(state) && !IsTerminal(state)) FAIL("never ends: " << Describe(node.state, {}));
}

TEST_CASE(
    "every pair of reachable state and event is defined, breaks no rule, and every saga can end") {
  Grid grid(ReservationWithFewTries());
  const std::vector<Node> nodes = grid.Explore();
  grid.Report(nodes.size());
  for (const Node& node : nodes) CheckThatItEnds(grid, node);
  // Columns: started, call ended, probe ended, timer, signal, cancel, retry, compensate, extend. An
  // answer moves any saga that is not parked or finished: the awaited one onwards, an impossible
  // one to be parked.
  const std::array<std::string, 13> expected{
      "A--------",   // not started
      "-AA-AAAAA",   // running, under way
      "-AAAAAAAA",   // running, backing off
      "-AAA-AA-A",   // running, flagged: only the pivot, which is in doubt
      "-----AAAA",   // running, parked
      "-AAAAA-AA",   // waiting
      "-----AAAA",   // waiting, parked
      "-AA---A--",   // compensating, under way
      "-AAA--A--",   // compensating, backing off
      "-AAA--A--",   // compensating, flagged
      "------A--",   // compensating, parked
      "-----A---",   // completed
      "---------"};  // compensated
  for (size_t s = 0; s < kStandings.size(); ++s) {
    CAPTURE(kStandings[s]);
    CHECK(grid.IsCovered(s));
    CHECK(grid.Row(s) == expected[s]);
  }
}

TEST_CASE("the same holds for a saga with steps after its pivot") {
  Grid grid(kTrip);
  const std::vector<Node> nodes = grid.Explore();
  grid.Report(nodes.size());
  for (const Node& node : nodes) CheckThatItEnds(grid, node);
  for (size_t s = 0; s < kStandings.size(); ++s) {
    CAPTURE(kStandings[s]);
    CHECK(grid.IsCovered(s));
  }
}

TEST_CASE("every state that a damaged store could hold is answered") {
  const Definition& definition = ReservationSaga();
  Grid grid(definition);
  int coherent = 0;
  int incoherent = 0;
  const auto try_all = [&](const State& state) {
    const bool can_be = IsCoherent(definition, state);
    ++(can_be ? coherent : incoherent);
    const std::vector<Event> events = can_be ? AllEvents(definition, state) : OneOfEachType(state);
    for (const Event& event : events) {
      const Decision decision = grid.Try(state, event);
      if (!can_be && decision.disposition != Disposition::kRejected) {
        FAIL("moved a damaged state: " << Describe(state, event));
      }
    }
  };
  for (int bits = 0; bits < 64; ++bits) {
    for (int phase = 0; phase <= 4; ++phase) {
      for (int step = -1; step <= static_cast<int>(definition.steps.size()); ++step) {
        for (int kind = 0; kind <= 3; ++kind) {
          for (int parked = 0; parked <= 2; ++parked) {
            State state{.definition_version = definition.version, .sequence = 7};
            state.phase = static_cast<Phase>(phase);
            state.step = step;
            state.call.kind = static_cast<CallKind>(kind);
            state.call.under_way = (bits & 1) != 0;
            state.call.in_doubt = (bits & 2) != 0;
            state.call.attempt = (bits & 4) != 0 ? 3 : 0;
            state.due = (bits & 8) != 0 ? kNoon + absl::Seconds(1) : absl::InfiniteFuture();
            state.cancel_requested = (bits & 16) != 0;
            if ((bits & 32) != 0) state.hold = Hold{.expiry = kHoldEnds};
            state.parked.kind = static_cast<ParkedKind>(parked);
            if (parked != 0) state.parked.reason = "BECAUSE";
            if (state.cancel_requested || phase >= 2) state.reason = "BECAUSE";
            try_all(state);
          }
        }
      }
    }
  }
  CHECK(coherent > 100);
  CHECK(incoherent > 1000);
}

}  // namespace
}  // namespace seatsaga::core
