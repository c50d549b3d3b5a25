#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/load.h"

namespace seatsaga::bench {

struct ExpiredHolds {
  int count = 0;
  absl::Duration undone;  // from when they expired until all were undone
};

// The report of a run of a load generator.
struct Report {
  std::string scenario;
  LoadPlan plan;
  LoadResult result;
  std::vector<std::string> complaints;  // about the run as a whole
  std::optional<ExpiredHolds> holds;    // that expired meanwhile

  // Whether some operations completed, and all ended as expected.
  bool Ok() const;
};

// One JSON object in one line, with units in the names. Costs are those of the watched processes,
// divided by the operations completed in the same time.
std::string ToJson(const Report& report);

}  // namespace seatsaga::bench
