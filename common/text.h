#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/strings/string_view.h"

// Strings put together, and views crossed over: Debian builds Abseil with its own string_view,
// which does not mix with std::string_view. Pure; thread-safe.
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

// Bytes of the UTF-8 character that `text` starts with; 0 if it starts with none.
inline size_t Utf8Size(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const size_t size = byte(0) < 0x80   ? 1
                      : byte(0) < 0xC2 ? 0
                      : byte(0) < 0xE0 ? 2
                      : byte(0) < 0xF0 ? 3
                      : byte(0) < 0xF5 ? 4
                                       : 0;
  if (size > text.size()) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (byte(0) == 0xE0 && byte(1) < 0xA0) || (byte(0) == 0xF0 && byte(1) < 0x90);
  const bool no_character =
      (byte(0) == 0xED && byte(1) >= 0xA0) || (byte(0) == 0xF4 && byte(1) >= 0x90);
  return overlong || no_character ? 0 : size;
}

// `text` with '?' for every byte that is not part of a UTF-8 character: for text from outside, as
// neither JSON nor a proto3 string may hold such bytes.
inline std::string ValidUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t size = Utf8Size(text);
    out += size == 0 ? std::string_view("?") : text.substr(0, size);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return out;
}

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
