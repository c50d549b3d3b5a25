#include "common/printable.h"

namespace seatsaga {
namespace {

// Bytes of the control character that `text` starts with; 0 if it starts with none.
size_t ControlSize(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x20 || byte(0) == 0x7f) return 1;
  // U+0080..U+009F, the other block of control characters.
  return text.size() > 1 && byte(0) == 0xc2 && byte(1) < 0xa0 ? 2 : 0;
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const size_t control = ControlSize(text);
    safe += control > 0 ? '?' : text.front();
    text.remove_prefix(control > 0 ? control : 1);
  }
  return safe;
}

}  // namespace seatsaga
