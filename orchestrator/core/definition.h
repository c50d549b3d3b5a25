#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

// A saga definition: the table of its steps. Everything here is constexpr, so that a definition can
// be checked when it is compiled: `static_assert(IsWellFormed(kMySteps))`.
//
// Immutable values; thread-safe.
namespace seatsaga::core {

// Names a call of a participant, which only the definition and the engine understand: the core
// compares ids and hands them on. Made from an enum of the definition whose zero means "none".
class CallId {
 public:
  constexpr CallId() = default;
  template <typename Enum>
  requires std::is_enum_v<Enum> && std::same_as<std::underlying_type_t<Enum>, uint8_t>
  // Implicit, so that a row of a definition can simply say `.action = Call::kReserveSeats`.
  constexpr CallId(Enum value)  // NOLINT(google-explicit-constructor)
      : value_(static_cast<uint8_t>(value)) {}

  constexpr bool IsNone() const { return value_ == 0; }
  // The enum it was made from.
  template <typename Enum>
  constexpr Enum As() const {
    return static_cast<Enum>(value_);
  }
  friend constexpr bool operator==(CallId, CallId) = default;

 private:
  uint8_t value_ = 0;
};

// Names a domain event: what the rest of the company hears of. Only the definitions know what it
// says; the core, the engine and the store hand it on. Made from an enum of the definitions whose
// zero means "none". The number is stored.
class DomainEventId {
 public:
  constexpr DomainEventId() = default;
  template <typename Enum>
  requires std::is_enum_v<Enum> && std::same_as<std::underlying_type_t<Enum>, uint8_t>
  // Implicit, as CallId is.
  constexpr DomainEventId(Enum value)  // NOLINT(google-explicit-constructor)
      : value_(static_cast<uint8_t>(value)) {}

  constexpr bool IsNone() const { return value_ == 0; }
  constexpr uint8_t number() const { return value_; }
  friend constexpr bool operator==(DomainEventId, DomainEventId) = default;

 private:
  uint8_t value_ = 0;
};

// What a step tells the rest of the company, each once per visit of the step.
struct DomainEvents {
  DomainEventId requested{};  // its action is made for the first time
  DomainEventId succeeded{};  // its action has succeeded
  DomainEventId failed{};     // the saga leaves it although its action has not succeeded
  DomainEventId undone{};     // its compensation has succeeded
  // The same, but the saga had passed its pivot, so that all of it is undone; none: as `undone`.
  DomainEventId undone_later{};
  // Only if the participant says what the call did, because otherwise it did nothing.
  bool succeeded_says_what = false;
  bool undone_says_what = false;
  DomainEventId expired{};  // wait steps: nobody came
};

enum class StepKind : uint8_t {
  kCompensatable,  // before the point of no return: refused or doubtful, it is undone
  kPivot,          // the point of no return
  kRetriable,      // after it: must eventually succeed
  kWait,           // waits for its signal until the hold expires; passed over unless in hold mode
};

enum class RetryPolicy : uint8_t {
  kBounded,  // after the last attempt the step counts as one that may have happened, and is undone
  kUntilDone,  // after the last attempt the saga is flagged, and the step still retried
};

// Why a saga compensates when its hold expires.
struct Expiry {
  std::string_view reason{};  // UPPER_SNAKE_CASE
  std::string_view message{};
};

// One local transaction at one participant, or a wait.
struct Step {
  std::string_view name{};  // part of the idempotency key: never changes within a version
  StepKind kind = StepKind::kCompensatable;
  CallId action{};                 // none: nothing to call on the way forward
  CallId compensation{};           // none: nothing to undo, or undone with an earlier step
  std::string_view undone_with{};  // that step, if this one's undo covers this step too
  CallId probe{};  // asks, without effect, what became of a doubtful action; none: just retry it
  RetryPolicy retry = RetryPolicy::kBounded;
  int attempts_max = 0;                          // 0: as Limits says
  std::chrono::milliseconds attempt_deadline{};  // of one attempt of any of the three calls

  // --- Holds
  bool only_holds = false;  // passed over unless in hold mode; so is a wait step
  Expiry expires{};         // wait steps: why the saga compensates if no signal comes
  // Wait steps: how long the hold lasts at least once the signal has come, so that what follows
  // never begins on a hold that is too short for it.
  std::chrono::milliseconds then_lasts{};
  // A refused action goes back to this earlier step if the saga holds, until the step has been
  // visited so often. Empty: it is undone.
  std::string_view goes_back_to{};
  int visits_max = 1;

  // A refused pivot has not happened, so the saga is undone. Otherwise it is parked.
  bool may_be_refused = false;

  DomainEvents events{};
};

// A saga in flight finishes on the version it started with, so a released version never changes.
struct Definition {
  std::string_view name{};
  int version = 0;  // from 1
  std::span<const Step> steps{};
};

inline constexpr size_t kStepsMax = 16;
inline constexpr int kVisitsMax = 100;  // the participants' highest round

// Where the step of this name is; -1 if nowhere.
constexpr int IndexOf(std::span<const Step> steps, std::string_view name) {
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].name == name) return static_cast<int>(i);
  }
  return -1;
}
// Where a saga waits; -1 if nowhere.
constexpr int IndexOfWait(std::span<const Step> steps) {
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].kind == StepKind::kWait) return static_cast<int>(i);
  }
  return -1;
}

// What is wrong with the step's domain events; empty when nothing is.
constexpr std::string_view WhatIsWrongWithEvents(const Step& step) {
  const DomainEvents& events = step.events;
  const bool of_action =
      !events.requested.IsNone() || !events.succeeded.IsNone() || !events.failed.IsNone();
  if (step.action.IsNone() && of_action) return "a step tells of an action that it does not have";
  if (step.compensation.IsNone() && !events.undone.IsNone()) {
    return "a step tells of a compensation that it does not have";
  }
  if (step.kind != StepKind::kWait && !events.expired.IsNone()) return "only a wait step expires";
  return "";
}

// What is wrong with this step by itself; empty when nothing is.
constexpr std::string_view WhatIsWrongWith(const Step& step) {
  using enum StepKind;
  const bool has_call = !step.action.IsNone() || !step.compensation.IsNone();
  const bool must_succeed = step.kind == kPivot || step.kind == kRetriable;
  if (step.name.empty()) return "a step has no name";
  if (const auto wrong = WhatIsWrongWithEvents(step); !wrong.empty()) return wrong;
  if (step.attempts_max < 0) return "a step has negative attempts";
  if (step.attempt_deadline.count() < 0) return "a step's deadline is negative";
  if (has_call && step.attempt_deadline.count() == 0) return "a step that calls has no deadline";
  if (step.action.IsNone() && !step.probe.IsNone()) return "a step probes but does not act";
  if (must_succeed != (step.retry == RetryPolicy::kUntilDone)) {
    return "pivot and retriable steps, and only they, are retried until done";
  }
  if (step.kind == kWait) {
    if (has_call) return "a wait step calls";
    if (step.expires.reason.empty()) return "a wait step does not say why it expires";
    return "";
  }
  if (!step.expires.reason.empty()) return "only a wait step waits";
  if (!has_call) return "a step does nothing";
  if (must_succeed && step.action.IsNone()) return "a pivot or retriable step does not act";
  if (step.kind == kCompensatable && step.compensation.IsNone() == step.undone_with.empty()) {
    return "a compensatable step has no compensation, or two";
  }
  if (step.may_be_refused && step.kind != kPivot) return "only a pivot may be refused";
  if (step.visits_max < 1 || step.visits_max > kVisitsMax) return "a step has too many visits";
  return "";
}

// What is wrong with the steps that this one names.
constexpr std::string_view WhatIsWrongWithNames(std::span<const Step> steps, size_t at) {
  const Step& step = steps[at];
  if (!step.undone_with.empty()) {
    const int undoing = IndexOf(steps, step.undone_with);
    if (undoing < 0 || undoing >= static_cast<int>(at) ||
        steps[static_cast<size_t>(undoing)].compensation.IsNone()) {
      return "a step is undone with one that is not before it, or undoes nothing";
    }
  }
  if (!step.goes_back_to.empty()) {
    const int back = IndexOf(steps, step.goes_back_to);
    const int wait = IndexOfWait(steps);
    if (step.kind != StepKind::kCompensatable || back < 0 || wait < back ||
        wait >= static_cast<int>(at)) {
      return "a step goes back to one that is not before the wait";
    }
    for (auto i = static_cast<size_t>(back); i < at; ++i) {
      if (!steps[i].compensation.IsNone()) return "a step goes back over one that it must undo";
    }
  }
  return "";
}

// What is wrong with the table; empty when nothing is. For tests and for anyone who hits the
// assertion.
constexpr std::string_view WhatIsWrongWith(std::span<const Step> steps) {
  if (steps.empty()) return "there are no steps";
  if (steps.size() > kStepsMax) return "there are too many steps";
  bool past_pivot = false;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (const std::string_view wrong = WhatIsWrongWith(steps[i]); !wrong.empty()) return wrong;
    if (const auto wrong = WhatIsWrongWithNames(steps, i); !wrong.empty()) return wrong;
    if (steps[i].kind == StepKind::kWait && IndexOfWait(steps) != static_cast<int>(i)) {
      return "there are two waits";
    }
    for (size_t j = 0; j < i; ++j) {
      if (steps[j].name == steps[i].name) return "two steps have one name";
    }
    switch (steps[i].kind) {
      case StepKind::kCompensatable:
      case StepKind::kWait:
        if (past_pivot) return "after the pivot every step must be retriable";
        break;
      case StepKind::kPivot:
        if (past_pivot) return "there are two pivots";
        past_pivot = true;
        break;
      case StepKind::kRetriable:
        if (!past_pivot) return "a retriable step comes before the pivot";
        break;
    }
  }
  return "";
}

constexpr bool IsWellFormed(std::span<const Step> steps) { return WhatIsWrongWith(steps).empty(); }

}  // namespace seatsaga::core
