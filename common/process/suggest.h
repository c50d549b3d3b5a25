#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace seatsaga {

// The word of `known` that `typed` was probably meant to be; nothing if none is near. Pure.
std::optional<std::string> Nearest(std::string_view typed, std::span<const std::string> known);

}  // namespace seatsaga
