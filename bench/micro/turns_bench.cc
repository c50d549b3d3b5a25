// One turn of each service while reservations pass through all four: messages, the batch, the
// store.
#include <benchmark/benchmark.h>

#include <chrono>

#include "bench/one_thread/chain.h"
#include "bench/one_thread/scratch_folder.h"

namespace seatsaga::bench {
namespace {

using Turn = void (Chain::*)();
using Durable = Chain::Durable;

// Rounds after which as many reservations end in each as begin in it.
constexpr int kRoundsToSteady = 8;

// Times only the turns of one service; the time is the measured batches' own. What kYes takes
// longer than kNo is SQLite and the disk.
void TurnOf(benchmark::State& bench, Turn timed, Durable durable) {
  constexpr Turn kTurns[] = {&Chain::TurnOfReservationSvc, &Chain::TurnOfOrchestrator,
                             &Chain::TurnOfSeatSvc, &Chain::TurnOfPaymentSvc};
  const auto count = static_cast<int>(bench.range(0));
  const ScratchFolder folder;
  Chain chain(folder.path(), durable);
  for (int i = 0; i < kRoundsToSteady; ++i) chain.Round(count);
  while (bench.KeepRunning()) {
    chain.PassTime();
    chain.TurnOfClients(count);
    for (const Turn turn : kTurns) {
      const auto begin = std::chrono::steady_clock::now();
      (chain.*turn)();
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
      if (turn == timed) bench.SetIterationTime(took.count());
    }
  }
  bench.SetItemsProcessed(bench.range(0) * bench.iterations());
}

void Sizes(benchmark::internal::Benchmark* bench) {
  bench->Arg(1)->Arg(32)->Arg(256)->UseManualTime()->Iterations(100);
}

BENCHMARK_CAPTURE(TurnOf, reservation_svc / stored, &Chain::TurnOfReservationSvc, Durable::kYes)
    ->Apply(Sizes);
BENCHMARK_CAPTURE(TurnOf, reservation_svc / in_memory, &Chain::TurnOfReservationSvc, Durable::kNo)
    ->Apply(Sizes);
BENCHMARK_CAPTURE(TurnOf, orchestrator / stored, &Chain::TurnOfOrchestrator, Durable::kYes)
    ->Apply(Sizes);
BENCHMARK_CAPTURE(TurnOf, orchestrator / in_memory, &Chain::TurnOfOrchestrator, Durable::kNo)
    ->Apply(Sizes);
BENCHMARK_CAPTURE(TurnOf, seat_svc / stored, &Chain::TurnOfSeatSvc, Durable::kYes)->Apply(Sizes);
BENCHMARK_CAPTURE(TurnOf, seat_svc / in_memory, &Chain::TurnOfSeatSvc, Durable::kNo)->Apply(Sizes);
BENCHMARK_CAPTURE(TurnOf, payment_svc / stored, &Chain::TurnOfPaymentSvc, Durable::kYes)
    ->Apply(Sizes);
BENCHMARK_CAPTURE(TurnOf, payment_svc / in_memory, &Chain::TurnOfPaymentSvc, Durable::kNo)
    ->Apply(Sizes);

}  // namespace
}  // namespace seatsaga::bench
