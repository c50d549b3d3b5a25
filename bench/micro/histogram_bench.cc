// The load generator's histogram, which must not be what limits a measurement.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "bench/histogram.h"

namespace seatsaga::bench {
namespace {

// Latencies around a millisecond, of many magnitudes.
std::vector<absl::Duration> Latencies() {
  constexpr size_t kCount = 4096;
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> micros(/*m=*/7.0, /*s=*/1.5);
  std::vector<absl::Duration> latencies;
  for (size_t i = 0; i < kCount; ++i) latencies.push_back(absl::Microseconds(micros(random)));
  return latencies;
}

Histogram Filled() {
  Histogram histogram;
  for (const absl::Duration latency : Latencies()) histogram.Record(latency);
  return histogram;
}

void HistogramRecord(benchmark::State& bench) {
  const std::vector<absl::Duration> latencies = Latencies();
  Histogram histogram;
  size_t i = 0;
  while (bench.KeepRunning()) {
    histogram.Record(latencies[i++ % latencies.size()]);
  }
  benchmark::DoNotOptimize(histogram.count());
  bench.SetItemsProcessed(bench.iterations());
}
BENCHMARK(HistogramRecord);

void HistogramQuantile(benchmark::State& bench) {
  const Histogram histogram = Filled();
  while (bench.KeepRunning()) {
    benchmark::DoNotOptimize(histogram.Quantile(0.99));
  }
  bench.SetItemsProcessed(bench.iterations());
}
BENCHMARK(HistogramQuantile);

void HistogramMerge(benchmark::State& bench) {
  const Histogram one = Filled();
  Histogram all;
  while (bench.KeepRunning()) {
    all.Merge(one);
  }
  benchmark::DoNotOptimize(all.count());
  bench.SetItemsProcessed(bench.iterations());
}
BENCHMARK(HistogramMerge);

}  // namespace
}  // namespace seatsaga::bench
