#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/store/table.h"

// Keys as bytes. Their order is the order of the values, column by column, and the bytes of the
// first columns come first. Pure; thread-safe.
namespace seatsaga::store::internal {

// Numbers are 8 bytes, big-endian, negative ones first. Texts end in 00 01 and write 00 as 00 FF,
// so that no text is a prefix of another.
inline void AppendKey(std::string& out, const Value& value) {
  if (value.type == Type::kInt) {
    const uint64_t bits = static_cast<uint64_t>(value.number) ^ (uint64_t{1} << 63);
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(bits >> shift);
    return;
  }
  std::string_view rest = value.bytes;
  for (size_t zero = rest.find('\0'); zero != std::string_view::npos; zero = rest.find('\0')) {
    out.append(rest.substr(0, zero + 1));
    out += '\xFF';
    rest.remove_prefix(zero + 1);
  }
  out.append(rest);
  out.append("\0\x01", 2);
}

template <class Values>
std::string MakeKey(const Values& values) {
  std::string key;
  for (const Value& value : values) AppendKey(key, value);
  return key;
}

// The first bytes after everything that begins with `prefix`; none if that reaches to the end.
inline std::optional<std::string> EndOf(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xFF') prefix.pop_back();
  if (prefix.empty()) return std::nullopt;
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

}  // namespace seatsaga::store::internal
