#include "sagactl/style.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "common/text.h"

namespace seatsaga::cli {
namespace {

constexpr int kWidthMin = 40;

std::string_view Code(Ink ink) {
  switch (ink) {
    case Ink::kPlain:
      return "";
    case Ink::kDim:
      return "2";
    case Ink::kBold:
      return "1";
    case Ink::kGood:
      return "32";
    case Ink::kWarn:
      return "33";
    case Ink::kBad:
      return "1;31";
  }
  return "";
}

std::string_view Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

// The first of these that is set decides, as for any program (POSIX, "Environment Variables").
bool LocaleIsUtf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = Environment(name);
    if (value.empty()) continue;
    for (std::string_view spelling : {"UTF-8", "utf-8", "UTF8", "utf8"}) {
      if (value.find(spelling) != std::string_view::npos) return true;
    }
    return false;
  }
  return false;
}

}  // namespace

std::string Style::Paint(std::string_view text, Ink ink) const {
  if (!colour || ink == Ink::kPlain || text.empty()) return std::string(text);
  return Cat("\x1b[", Code(ink), "m", text, "\x1b[0m");
}

Style DetectStyle(int fd, bool no_colour) {
  Style style;
  style.terminal = isatty(fd) == 1;
  style.utf8 = LocaleIsUtf8();
  const bool unwanted =
      no_colour || !Environment("NO_COLOR").empty() || Environment("TERM") == "dumb";
  style.colour = style.terminal && !unwanted;
  winsize size{};
  if (style.terminal && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= kWidthMin) {
    style.width_columns = size.ws_col;
  }
  return style;
}

}  // namespace seatsaga::cli
