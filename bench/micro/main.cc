// seatsaga-micro: what the parts of a reservation cost, each by itself. All flags are Google
// Benchmark's.
#include <benchmark/benchmark.h>

#include <iostream>
#include <string_view>

#include "bench/in_process/must.h"
#include "common/log.h"
#include "common/version.h"

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--version") {
    std::cout << seatsaga::VersionLine("seatsaga-micro") << "\n";
    return 0;
  }
  seatsaga::bench::Must(
      seatsaga::log::Setup("seatsaga-micro", seatsaga::log::Format::kText, "warn"));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
