// The control: this one compiles.
#include "tests/unit/orchestrator/core/compile_fail/steps.h"

namespace seatsaga::core {

inline constexpr std::array kSteps{kBook, kAwait, kIssue, kMail};
static_assert(IsWellFormed(kSteps));

}  // namespace seatsaga::core
