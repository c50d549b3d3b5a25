#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// The decisions of a run as a file, to be run again, compared, cut and changed by hand.
namespace seatsaga::simulation {

struct Decision {
  uint64_t number = 0;
  std::string_view what;  // for people, and lives forever; "" when it was read from a file
};
using Decisions = std::vector<Decision>;

// A header, and a line for each decision: its number, and what it was about.
std::string TextOf(const Decisions& decisions);
// INVALID_ARGUMENT names the line, as in "FILE:3: ...".
absl::StatusOr<Decisions> ParseDecisions(std::string_view text, std::string_view file);

absl::Status WriteRecording(const Decisions& decisions, const std::string& file);
absl::StatusOr<Decisions> ReadRecording(const std::string& file);

}  // namespace seatsaga::simulation
