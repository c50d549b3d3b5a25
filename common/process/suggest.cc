#include "common/process/suggest.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace seatsaga {
namespace {

// Letters to insert, delete or replace to turn one word into the other.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

std::optional<std::string> Nearest(std::string_view typed, std::span<const std::string> known) {
  constexpr size_t kTypedMax = 32;  // a longer text is not a mistyped command
  if (typed.empty() || typed.size() > kTypedMax) return std::nullopt;
  std::optional<std::string> nearest;
  size_t least = std::max<size_t>(2, typed.size() / 3) + 1;
  for (const std::string& word : known) {
    const size_t distance = word.starts_with(typed) ? 0 : EditDistance(typed, word);
    if (distance >= least) continue;
    least = distance;
    nearest = word;
  }
  return nearest;
}

}  // namespace seatsaga
