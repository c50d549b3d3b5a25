// A compensatable step that never gives up.
#include "tests/unit/orchestrator/core/compile_fail/steps.h"

namespace seatsaga::core {

inline constexpr std::array kSteps{With(kBook, [](Step& s) { s.retry = RetryPolicy::kUntilDone; })};
static_assert(IsWellFormed(kSteps));

}  // namespace seatsaga::core
