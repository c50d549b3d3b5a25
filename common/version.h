#pragma once

#include <string>
#include <string_view>

namespace seatsaga {

// The release, as CMakeLists.txt names it: "0.1.0". Only version.cc is compiled anew when it
// changes.
std::string_view Version();

// What `program --version` prints: "sagactl 0.1.0 (SeatSaga)".
std::string VersionLine(std::string_view program);

}  // namespace seatsaga
