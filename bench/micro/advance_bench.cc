// The pure core: what one transition costs.
#include <benchmark/benchmark.h>

#include <string_view>

#include "bench/one_thread/must.h"
#include "orchestrator/core/advance.h"
#include "orchestrator/sagas/reservation_saga.h"

namespace seatsaga::bench {
namespace {

const core::Limits kLimits;

// An event, and the state that it finds.
struct Moment {
  core::State state;
  core::Event event{.type = core::EventType::kStarted, .now = absl::FromUnixSeconds(1'800'000'000)};

  core::Decision Decide() const {
    return core::Advance(sagas::kReservation.versions.back(), state, event, kLimits);
  }
};

// A saga told by how its calls are answered: 's' is succeeded, 'r' refused. The moment is that of
// the last answer; without any, that of the start.
Moment MomentOf(std::string_view answers) {
  Moment moment;
  for (const char answer : answers) {
    const core::Decision decision = moment.Decide();
    if (decision.commands.size() != 1) Die("the story goes on where the saga does not");
    const core::Command& call = decision.commands[0];
    moment.state = decision.next;
    moment.event.type = core::EventType::kCallEnded;
    moment.event.now += absl::Milliseconds(1);
    moment.event.step = call.step;
    moment.event.direction = call.direction;
    moment.event.attempt = call.attempt;
    moment.event.outcome = answer == 's' ? core::Outcome::kSucceeded : core::Outcome::kRefused;
    moment.event.reason = answer == 's' ? "" : "PAYMENT_DECLINED";
  }
  return moment;
}

void Advance(benchmark::State& bench, std::string_view answers) {
  const Moment moment = MomentOf(answers);
  if (moment.Decide().disposition != core::Disposition::kApplied) Die("this is no transition");
  while (bench.KeepRunning()) {
    benchmark::DoNotOptimize(moment.Decide());
  }
  bench.SetItemsProcessed(bench.iterations());
}
BENCHMARK_CAPTURE(Advance, started, "");
BENCHMARK_CAPTURE(Advance, seats_reserved, "s");
BENCHMARK_CAPTURE(Advance, payment_charged, "ss");
BENCHMARK_CAPTURE(Advance, reservation_confirmed, "sss");
BENCHMARK_CAPTURE(Advance, payment_declined, "sr");
BENCHMARK_CAPTURE(Advance, seats_released, "srs");
BENCHMARK_CAPTURE(Advance, reservation_cancelled, "srss");

}  // namespace
}  // namespace seatsaga::bench
