#include "reservation_svc/labels.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "common/text.h"
#include "common/validation.h"
#include "reservation_svc/lines.h"

namespace seatsaga::reservation {
namespace {

bool IsKey(std::string_view key) {
  return !key.empty() && key.size() <= kLabelKeyMax &&
         std::all_of(key.begin(), key.end(), [](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_' || c == '.' ||
                  c == '-';
         });
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
  ForEachLine(lines, [&](std::string_view line) {
    const size_t end = line.find('=');  // no key has one
    labels[std::string(line.substr(0, end))] = std::string(line.substr(end + 1));
  });
}

bool HasLabels(std::string_view lines, std::string_view wanted) {
  const std::vector<std::string> here = SplitLines(lines);
  bool all = true;
  ForEachLine(wanted, [&](std::string_view line) {
    all = all && std::find(here.begin(), here.end(), line) != here.end();
  });
  return all;
}

}  // namespace seatsaga::reservation
