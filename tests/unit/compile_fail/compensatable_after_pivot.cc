// After the pivot nothing may be undone.
#include "tests/unit/compile_fail/steps.h"

namespace seatsaga::core {

inline constexpr std::array kSteps{kIssue, kBook};
static_assert(IsWellFormed(kSteps));

}  // namespace seatsaga::core
