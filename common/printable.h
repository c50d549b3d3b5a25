#pragma once

#include <string>
#include <string_view>

namespace seatsaga {

// Text from outside made safe to show: control characters, which could steer a terminal, become
// '?'. Pure; thread-safe.
std::string Printable(std::string_view text);

}  // namespace seatsaga
