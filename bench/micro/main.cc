// seatsaga-micro: what the parts of a reservation cost, each by itself. All flags are Google
// Benchmark's.
#include <benchmark/benchmark.h>

#include "bench/one_thread/must.h"
#include "common/log.h"

int main(int argc, char** argv) {
  seatsaga::bench::Must(
      seatsaga::log::Setup("seatsaga-micro", seatsaga::log::Format::kText, "warn"));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
