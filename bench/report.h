#pragma once

#include <string>
#include <vector>

#include "bench/load.h"

namespace seatsaga::bench {

// What a run of the load generator says.
struct Report {
  std::string scenario;
  LoadPlan plan;
  LoadResult result;
  std::vector<std::string> complaints;  // about the run as a whole

  // Whether every operation ended as it had to, and some did.
  bool Ok() const;
};

// One JSON object in one line; the names carry the units. Costs are those of the watched processes,
// divided by the operations completed in the same time.
std::string ToJson(const Report& report);

}  // namespace seatsaga::bench
