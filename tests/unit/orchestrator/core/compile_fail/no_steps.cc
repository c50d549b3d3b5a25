// A saga that does nothing.
#include "tests/unit/orchestrator/core/compile_fail/steps.h"

namespace seatsaga::core {

inline constexpr std::array<Step, 0> kSteps{};
static_assert(IsWellFormed(kSteps));

}  // namespace seatsaga::core
