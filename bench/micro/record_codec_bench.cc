// What the orchestrator encodes and decodes for each transition that it stores.
#include <benchmark/benchmark.h>

#include <string>

#include "bench/one_thread/must.h"
#include "orchestrator/store/record_codec.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"

namespace seatsaga::bench {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

// A saga whose charge is under way.
core::State Charging() {
  core::State state;
  state.definition_version = 1;
  state.sequence = 2;
  state.step = 3;
  state.call = {.kind = core::CallKind::kAction, .under_way = true, .attempt = 1, .started = kNow};
  state.due = kNow + absl::Seconds(2);
  return state;
}

core::Event SeatsReserved() {
  return {.type = core::EventType::kCallEnded,
          .now = kNow,
          .step = 1,
          .attempt = 1,
          .outcome = core::Outcome::kSucceeded};
}

void EncodeState(benchmark::State& bench) {
  const core::State state = Charging();
  while (bench.KeepRunning()) {
    benchmark::DoNotOptimize(store::EncodeState(state));
  }
  bench.SetItemsProcessed(bench.iterations());
}
BENCHMARK(EncodeState);

void DecodeState(benchmark::State& bench) {
  const std::string bytes = store::EncodeState(Charging());
  while (bench.KeepRunning()) {
    benchmark::DoNotOptimize(Must(store::DecodeState(bytes)));
  }
  bench.SetItemsProcessed(bench.iterations());
}
BENCHMARK(DecodeState);

// The entries of one happy reservation, from an empty history.
void AppendHistory(benchmark::State& bench) {
  constexpr int kTransitions = 4;
  const core::Event event = SeatsReserved();
  saga::v1::ActionResult result;
  result.mutable_amount()->set_amount_minor(4250);
  result.mutable_amount()->set_currency("EUR");
  result.add_seat_ids("stalls/A/12");
  while (bench.KeepRunning()) {
    std::string history;
    for (int i = 0; i < kTransitions; ++i) {
      store::AppendHistory(event, absl::Milliseconds(2), orchestrator::v1::SAGA_STATE_RUNNING,
                           &result, {}, history);
    }
    benchmark::DoNotOptimize(history.data());
  }
  bench.SetItemsProcessed(kTransitions * bench.iterations());
}
BENCHMARK(AppendHistory);

}  // namespace
}  // namespace seatsaga::bench
