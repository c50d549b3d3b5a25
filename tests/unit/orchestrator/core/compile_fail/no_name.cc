// A step without a name.
#include "tests/unit/orchestrator/core/compile_fail/steps.h"

namespace seatsaga::core {

inline constexpr std::array kSteps{With(kBook, [](Step& s) { s.name = ""; })};
static_assert(IsWellFormed(kSteps));

}  // namespace seatsaga::core
