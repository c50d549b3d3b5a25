#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "common/text.h"

// Lists of texts in one column, a line each. No text has a line break. Pure; thread-safe.
namespace seatsaga::reservation {

template <class F>
void ForEachLine(std::string_view lines, F visit) {
  while (!lines.empty()) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    visit(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
}

inline std::vector<std::string> SplitLines(std::string_view lines) {
  std::vector<std::string> parts;
  ForEachLine(lines, [&](std::string_view line) { parts.emplace_back(line); });
  return parts;
}

inline std::string JoinLines(const std::vector<std::string>& parts) {
  std::string lines;
  for (const std::string& part : parts) Append(lines, lines.empty() ? "" : "\n", part);
  return lines;
}

}  // namespace seatsaga::reservation
