// Before the pivot a step must be able to give up.
#include "tests/unit/orchestrator/core/compile_fail/steps.h"

namespace seatsaga::core {

inline constexpr std::array kSteps{kMail, kIssue};
static_assert(IsWellFormed(kSteps));

}  // namespace seatsaga::core
