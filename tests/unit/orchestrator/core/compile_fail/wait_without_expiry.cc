// A wait that nothing ends.
#include "tests/unit/orchestrator/core/compile_fail/steps.h"

namespace seatsaga::core {

inline constexpr std::array kSteps{With(kAwait, [](Step& s) { s.expires = {}; })};
static_assert(IsWellFormed(kSteps));

}  // namespace seatsaga::core
