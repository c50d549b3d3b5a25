// A compensatable step that cannot be undone.
#include "tests/unit/orchestrator/core/compile_fail/steps.h"

namespace seatsaga::core {

inline constexpr std::array kSteps{With(kBook, [](Step& s) { s.compensation = {}; })};
static_assert(IsWellFormed(kSteps));

}  // namespace seatsaga::core
