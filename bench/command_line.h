#pragma once

#include "bench/load.h"

namespace CLI {
class App;
}

// What the command lines of all programs here have in common.
namespace seatsaga::bench {

inline constexpr int kFailure = 1;
inline constexpr int kUsageError = 2;

// --in-flight, --warmup-s and --duration-s, for a load generator.
void AddLoadFlags(CLI::App& app, LoadPlan& plan);

// Parses. On --help, or on wrong arguments (one line that says what to do), returns the exit status
// to leave with; otherwise -1. `app` must have its program's name.
int ParseArguments(CLI::App& app, int argc, char** argv);

}  // namespace seatsaga::bench
