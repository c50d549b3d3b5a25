#pragma once

#include <string>
#include <vector>

#include "bench/load.h"

namespace seatsaga::bench {

// The report of a run of a load generator.
struct Report {
  std::string scenario;
  LoadPlan plan;
  LoadResult result;
  std::vector<std::string> complaints;  // about the run as a whole

  // Whether some operations completed, and all ended as expected.
  bool Ok() const;
};

// One JSON object in one line, with units in the names. Costs are those of the watched processes,
// divided by the operations completed in the same time.
std::string ToJson(const Report& report);

}  // namespace seatsaga::bench
