#include "common/version.h"

#include "common/text.h"

namespace seatsaga {

std::string_view Version() { return SEATSAGA_VERSION; }

std::string VersionLine(std::string_view program) {
  return Cat(program, " ", Version(), " (SeatSaga)");
}

}  // namespace seatsaga
