#pragma once

#include <string>
#include <string_view>

// How output may look where it goes. A value; thread-safe.
namespace seatsaga::cli {

// What a piece of text means; the style decides what that looks like.
enum class Ink { kPlain, kDim, kBold, kGood, kWarn, kBad };

struct Style {
  bool colour = false;
  // Drawings that only a person looks at (the timeline's bars) are left out for a pipe.
  bool terminal = false;
  // Characters beyond ASCII may be drawn.
  bool utf8 = false;
  int width_columns = 80;

  std::string Paint(std::string_view text, Ink ink) const;
};

// The style for the stream behind `fd`. `no_colour` is what the user asked for; NO_COLOR and
// TERM=dumb in the environment have the same effect.
Style DetectStyle(int fd, bool no_colour);

}  // namespace seatsaga::cli
