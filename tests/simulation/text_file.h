#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace seatsaga::simulation {

// The whole file. UNAVAILABLE if it cannot be read.
absl::StatusOr<std::string> ReadFile(const std::string& path);
// UNAVAILABLE if it cannot be written.
absl::Status WriteFile(const std::string& path, const std::string& text);

// Cuts the first line off `text`, which must not be empty.
std::string_view TakeLine(std::string_view& text);
// Cuts the first word off `text`, and the blanks around it; "" if there is none.
std::string_view TakeWord(std::string_view& text);

}  // namespace seatsaga::simulation
