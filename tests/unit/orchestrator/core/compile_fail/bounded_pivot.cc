// A pivot that gives up.
#include "tests/unit/orchestrator/core/compile_fail/steps.h"

namespace seatsaga::core {

inline constexpr std::array kSteps{With(kIssue, [](Step& s) { s.retry = RetryPolicy::kBounded; })};
static_assert(IsWellFormed(kSteps));

}  // namespace seatsaga::core
