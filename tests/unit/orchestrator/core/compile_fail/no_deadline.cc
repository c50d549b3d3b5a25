// A call without a deadline.
#include "tests/unit/orchestrator/core/compile_fail/steps.h"

namespace seatsaga::core {

inline constexpr std::array kSteps{With(kBook, [](Step& s) { s.attempt_deadline = 0s; })};
static_assert(IsWellFormed(kSteps));

}  // namespace seatsaga::core
