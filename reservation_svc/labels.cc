#include "reservation_svc/labels.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "common/text.h"
#include "common/validation.h"

namespace seatsaga::reservation {
namespace {

bool IsKey(std::string_view key) {
  return !key.empty() && key.size() <= kLabelKeyMax &&
         std::all_of(key.begin(), key.end(), [](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_' || c == '.' ||
                  c == '-';
         });
}

auto LinesOf(std::string_view lines) {
  return absl::StrSplit(AbslView(lines), '\n', absl::SkipEmpty());
}

}  // namespace

std::string CheckLabels(std::string_view field, const LabelMap& labels, FieldErrors& errors) {
  if (labels.size() > static_cast<size_t>(kLabelsMax)) {
    errors.Add(field, Cat("has ", labels.size(), " labels; at most ", kLabelsMax, " are allowed"));
    return "";
  }
  std::map<std::string_view, std::string_view> sorted;
  // any order: it is sorted here
  for (const auto& label : labels) sorted.emplace(label.first, label.second);
  std::string lines;
  for (const auto& [key, value] : sorted) {
    if (!IsKey(key)) {
      errors.Add(field, "each key must be 1 to 63 characters of a-z, 0-9, '_', '.' and '-'");
    } else if (!value.empty()) {
      CheckText(Cat(field, "[", key, "]"), value, kLabelValueMax, errors);
    }
    Append(lines, lines.empty() ? "" : "\n", key, "=", value);
  }
  return lines;
}

void AddLabels(std::string_view lines, LabelMap& labels) {
  for (const absl::string_view line : LinesOf(lines)) {
    const size_t end = line.find('=');  // no key has one
    labels[std::string(line.substr(0, end))] = std::string(line.substr(end + 1));
  }
}

bool HasLabels(std::string_view lines, std::string_view wanted) {
  const auto here = LinesOf(lines);
  for (const absl::string_view line : LinesOf(wanted)) {
    if (std::find(here.begin(), here.end(), line) == here.end()) return false;
  }
  return true;
}

}  // namespace seatsaga::reservation
