// After the pivot nothing may be undone.
#include "tests/unit/orchestrator/core/compile_fail/steps.h"

namespace seatsaga::core {

inline constexpr std::array kSteps{kIssue, kBook};
static_assert(IsWellFormed(kSteps));

}  // namespace seatsaga::core
