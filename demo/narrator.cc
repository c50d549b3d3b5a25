#include "demo/narrator.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "common/text.h"

namespace seatsaga::demo {
namespace {

constexpr std::string_view kBold = "1";
constexpr std::string_view kDim = "2";
constexpr std::string_view kRed = "31";
constexpr std::string_view kGreen = "32";

bool WantsColours() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0') &&
         terminal != nullptr && std::string_view(terminal) != "dumb";
}

}  // namespace

Narrator::Narrator(int steps) : colours_(WantsColours()), steps_(steps) {}

void Narrator::Step(std::string_view title) {
  Print(Cat("\n", Paint(Cat("[", ++step_, "/", steps_, "] ", title), kBold)));
}

void Narrator::Say(std::string_view text) { Print(Cat("      ", Paint(text, kDim))); }

void Narrator::Fact(bool holds, std::string_view fact, std::string_view seen) {
  if (!holds) ++failed_;
  std::string line = Cat("    ", holds ? Paint("✓", kGreen) : Paint("✗", kRed), " ", fact);
  if (!holds && !seen.empty()) Append(line, Paint(Cat("  (but: ", seen, ")"), kRed));
  Print(line);
}

void Narrator::Table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (size_t r = 0; r < rows.size(); ++r) {
    std::string line;
    for (size_t i = 0; i < rows[r].size(); ++i) {
      Append(line, rows[r][i], std::string(widths[i] - rows[r][i].size() + 2, ' '));
    }
    line.erase(line.find_last_not_of(' ') + 1);
    Print(Cat("    ", r == 0 ? Paint(line, kBold) : line));
  }
}

void Narrator::End(std::string_view text) {
  Print(Cat("\n", Paint(text, all_hold() ? kGreen : kRed)));
}

std::string Narrator::Paint(std::string_view text, std::string_view code) const {
  return colours_ ? Cat("\x1b[", code, "m", text, "\x1b[0m") : std::string(text);
}

void Narrator::Print(std::string_view line) { std::cout << line << std::endl; }

}  // namespace seatsaga::demo
