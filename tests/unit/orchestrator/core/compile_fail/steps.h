#pragma once

#include <array>
#include <chrono>

#include "orchestrator/core/definition.h"

// Well-formed steps for the definitions of this folder. Each file but control_well_formed.cc must
// be turned away by the compiler with a message that names IsWellFormed.
namespace seatsaga::core {

using namespace std::chrono_literals;

enum class Call : uint8_t { kNone, kDo, kUndo };

inline constexpr Step kBook{
    .name = "book", .action = Call::kDo, .compensation = Call::kUndo, .attempt_deadline = 1s};
inline constexpr Step kAwait{
    .name = "await", .kind = StepKind::kWait, .expires = {"EXPIRED", "nobody came"}};
inline constexpr Step kIssue{.name = "issue",
                             .kind = StepKind::kPivot,
                             .action = Call::kDo,
                             .retry = RetryPolicy::kUntilDone,
                             .attempt_deadline = 1s};
inline constexpr Step kMail{.name = "mail",
                            .kind = StepKind::kRetriable,
                            .action = Call::kDo,
                            .retry = RetryPolicy::kUntilDone,
                            .attempt_deadline = 1s};

// The step with one thing changed.
template <typename Change>
constexpr Step With(Step step, Change change) {
  change(step);
  return step;
}

}  // namespace seatsaga::core
