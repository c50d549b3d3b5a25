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

// Names something that only the definition and the engine understand: a call of a participant, a
// signal. The core compares ids and hands them on. Made from an enum of the definition whose zero
// means "none".
template <typename Tag>
class OpaqueId {
 public:
  constexpr OpaqueId() = default;
  template <typename Enum>
  requires std::is_enum_v<Enum> && std::same_as<std::underlying_type_t<Enum>, uint8_t>
  // Implicit, so that a row of a definition can simply say `.action = Call::kReserveSeats`.
  constexpr OpaqueId(Enum value)  // NOLINT(google-explicit-constructor)
      : value_(static_cast<uint8_t>(value)) {}

  constexpr bool IsNone() const { return value_ == 0; }
  static constexpr OpaqueId FromNumber(uint8_t number) {
    OpaqueId id;
    id.value_ = number;
    return id;
  }
  // The enum it was made from.
  template <typename Enum>
  constexpr Enum As() const {
    return static_cast<Enum>(value_);
  }
  friend constexpr bool operator==(OpaqueId, OpaqueId) = default;

 private:
  uint8_t value_ = 0;
};
using CallId = OpaqueId<struct CallTag>;
using SignalId = OpaqueId<struct SignalTag>;

enum class StepKind : uint8_t {
  kCompensatable,  // before the point of no return: refused or doubtful, it is undone
  kPivot,          // the point of no return
  kRetriable,      // after it: must eventually succeed
  kWait,           // waits for a signal until the hold expires; skipped unless in hold mode
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
  CallId action{};        // none: nothing to call on the way forward
  CallId compensation{};  // none: nothing to undo
  CallId probe{};  // asks, without effect, what became of a doubtful action; none: just retry it
  RetryPolicy retry = RetryPolicy::kBounded;
  int attempts_max = 0;                          // 0: as Limits says
  std::chrono::milliseconds attempt_deadline{};  // of one attempt of any of the three calls
  SignalId signal{};                             // wait steps: what ends the wait
  Expiry expires{};                              // wait steps: why the saga compensates otherwise
};

// A saga in flight finishes on the version it started with, so a released version never changes.
struct Definition {
  std::string_view name{};
  int version = 0;  // from 1
  std::span<const Step> steps{};
};

inline constexpr size_t kStepsMax = 16;

// What is wrong with this step by itself; empty when nothing is.
constexpr std::string_view WhatIsWrongWith(const Step& step) {
  using enum StepKind;
  const bool has_call = !step.action.IsNone() || !step.compensation.IsNone();
  const bool must_succeed = step.kind == kPivot || step.kind == kRetriable;
  if (step.name.empty()) return "a step has no name";
  if (step.attempts_max < 0) return "a step has negative attempts";
  if (step.attempt_deadline.count() < 0) return "a step's deadline is negative";
  if (has_call && step.attempt_deadline.count() == 0) return "a step that calls has no deadline";
  if (step.action.IsNone() && !step.probe.IsNone()) return "a step probes but does not act";
  if (must_succeed != (step.retry == RetryPolicy::kUntilDone)) {
    return "pivot and retriable steps, and only they, are retried until done";
  }
  if (step.kind == kWait) {
    if (has_call) return "a wait step calls";
    if (step.signal.IsNone()) return "a wait step has no signal";
    if (step.expires.reason.empty()) return "a wait step does not say why it expires";
    return "";
  }
  if (!step.signal.IsNone() || !step.expires.reason.empty()) return "only a wait step waits";
  if (!has_call) return "a step does nothing";
  if (must_succeed && step.action.IsNone()) return "a pivot or retriable step does not act";
  if (step.kind == kCompensatable && step.compensation.IsNone()) {
    return "a compensatable step has no compensation";
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
