#include "tests/simulation/recording.h"

#include <charconv>

#include "common/text.h"
#include "tests/simulation/text_file.h"

namespace seatsaga::simulation {
namespace {

// The number is the format's version. It rises when the same numbers no longer mean the same.
constexpr std::string_view kHeader = "seatsaga-sim decisions 1";

absl::Status Wrong(std::string_view file, int line, std::string_view why) {
  return absl::InvalidArgumentError(Cat(file, ":", line, ": ", why));
}

// The number that a line begins with; what follows it is for people.
bool ParseLine(std::string_view line, uint64_t& number) {
  const std::string_view digits = line.substr(0, line.find(' '));
  const char* const end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, number);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

}  // namespace

std::string TextOf(const Decisions& decisions) {
  std::string text = Cat(kHeader, "\n");
  for (const Decision& decision : decisions) {
    Append(text, decision.number, decision.what.empty() ? "" : " ", decision.what, "\n");
  }
  return text;
}

absl::StatusOr<Decisions> ParseDecisions(std::string_view text, std::string_view file) {
  Decisions decisions;
  int number = 0;
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (++number == 1) {
      if (line != kHeader) return Wrong(file, number, Cat("is not '", kHeader, "'"));
      continue;
    }
    if (line.empty() || line.starts_with('#')) continue;
    Decision decision;
    if (!ParseLine(line, decision.number)) {
      return Wrong(file, number, Cat("'", line, "' does not begin with a number of 64 bits"));
    }
    decisions.push_back(decision);
  }
  if (number == 0) return Wrong(file, 1, Cat("is empty, and not '", kHeader, "'"));
  return decisions;
}

absl::Status WriteRecording(const Decisions& decisions, const std::string& file) {
  return WriteFile(file, TextOf(decisions));
}

absl::StatusOr<Decisions> ReadRecording(const std::string& file) {
  const absl::StatusOr<std::string> text = ReadFile(file);
  if (!text.ok()) return text.status();
  return ParseDecisions(*text, file);
}

}  // namespace seatsaga::simulation
