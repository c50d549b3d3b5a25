#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

namespace seatsaga::core {

// The parts, strings and integers, in a row. Debian's absl::StrCat takes no std::string_view,
// because Abseil is built there with its own. Pure; thread-safe.
template <typename... Parts>
std::string Text(const Parts&... parts) {
  std::string text;
  const auto append = [&text](const auto& part) {
    if constexpr (std::integral<std::remove_cvref_t<decltype(part)>>) {
      text += std::to_string(part);
    } else {
      text += std::string_view(part);
    }
  };
  (append(parts), ...);
  return text;
}

}  // namespace seatsaga::core
