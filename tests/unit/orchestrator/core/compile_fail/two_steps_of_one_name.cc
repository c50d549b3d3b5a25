// Two steps have one name, so their idempotency keys would clash.
#include "tests/unit/orchestrator/core/compile_fail/steps.h"

namespace seatsaga::core {

inline constexpr std::array kSteps{kBook, kBook, kIssue};
static_assert(IsWellFormed(kSteps));

}  // namespace seatsaga::core
