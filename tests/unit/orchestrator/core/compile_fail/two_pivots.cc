// There is one point of no return at most.
#include "tests/unit/orchestrator/core/compile_fail/steps.h"

namespace seatsaga::core {

inline constexpr std::array kSteps{kIssue, With(kIssue, [](Step& s) { s.name = "again"; })};
static_assert(IsWellFormed(kSteps));

}  // namespace seatsaga::core
