// More steps than the limit.
#include <utility>

#include "tests/unit/orchestrator/core/compile_fail/steps.h"

namespace seatsaga::core {

inline constexpr std::string_view kNames = "abcdefghijklmnopq";

template <size_t... kIndex>
constexpr auto Steps(std::index_sequence<kIndex...>) {
  return std::array{With(kBook, [](Step& s) { s.name = kNames.substr(kIndex, 1); })...};
}
inline constexpr auto kSteps = Steps(std::make_index_sequence<kStepsMax + 1>());
static_assert(IsWellFormed(kSteps));

}  // namespace seatsaga::core
