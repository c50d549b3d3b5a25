#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace seatsaga::demo {

// Tells the story on the terminal, and keeps count of what did not hold. Colours only on a
// terminal, and not with NO_COLOR. Not thread-safe.
class Narrator {
 public:
  explicit Narrator(int steps);

  // "[2/7] A reservation is confirmed".
  void Step(std::string_view title);
  // A line of explanation.
  void Say(std::string_view text);
  // A fact that must hold: a line with ✓ or ✗. `seen` is what was seen instead.
  void Fact(bool holds, std::string_view fact, std::string_view seen = "");
  // Columns of even width; the first row is the head.
  void Table(const std::vector<std::vector<std::string>>& rows);
  // The last line.
  void End(std::string_view text);

  bool all_hold() const { return failed_ == 0; }
  int failed() const { return failed_; }

 private:
  std::string Paint(std::string_view text, std::string_view code) const;
  void Print(std::string_view line);

  const bool colours_;
  const int steps_;
  int step_ = 0;
  int failed_ = 0;
};

}  // namespace seatsaga::demo
