#pragma once

#include "bench/load.h"
#include "common/process/command_line.h"

// What the command lines of the load generators have in common.
namespace seatsaga::bench {

inline constexpr int kFailure = 1;

// --in-flight, --warmup-s and --duration-s, for a load generator.
void AddLoadFlags(CommandLine& line, LoadPlan& plan);

}  // namespace seatsaga::bench
