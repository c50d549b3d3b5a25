// After the pivot nothing may expire.
#include "tests/unit/orchestrator/core/compile_fail/steps.h"

namespace seatsaga::core {

inline constexpr std::array kSteps{kIssue, kAwait};
static_assert(IsWellFormed(kSteps));

}  // namespace seatsaga::core
