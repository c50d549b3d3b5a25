#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/strings/string_view.h"

// Strings put together, and views crossed over: Debian builds Abseil with its own string_view, which
// does not mix with std::string_view. Pure; thread-safe.
namespace seatsaga {

inline std::string_view View(absl::string_view text) { return {text.data(), text.size()}; }
inline absl::string_view AbslView(std::string_view text) { return {text.data(), text.size()}; }

namespace internal {

template <class Part>
void AppendOne(std::string& out, const Part& part) {
  if constexpr (std::is_same_v<Part, char>) {
    out += part;
  } else if constexpr (std::integral<Part>) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, part).ptr;
    out.append(digits, end);
  } else if constexpr (std::is_same_v<Part, absl::string_view>) {
    out.append(part.data(), part.size());
  } else {
    out += std::string_view(part);
  }
}

}  // namespace internal

// Appends strings, characters and integers to `out`.
template <class... Parts>
void Append(std::string& out, const Parts&... parts) {
  (internal::AppendOne(out, parts), ...);
}

// The parts in a row.
template <class... Parts>
std::string Cat(const Parts&... parts) {
  std::string out;
  Append(out, parts...);
  return out;
}

}  // namespace seatsaga
