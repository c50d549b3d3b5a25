// Batches of seat_svc.
#include <utility>
#include <vector>

#include "bench/in_process/scratch_folder.h"
#include "bench/in_process/seat_server.h"
#include "bench/micro/batches.h"
#include "bench/micro/sample_calls.h"
#include "orchestrator/participants/request_builders.h"

namespace seatsaga::bench {
namespace {

using participants::CallRequest;

class SeatBench {
 public:
  SeatBench(int64_t count, Durable durable) : count_(count), batches_(server_, durable) {}

  void QueueReserve() {
    calls_.clear();
    for (int64_t i = 0; i < count_; ++i) {
      calls_.push_back(samples_.Next(sagas::Call::kReserveSeats));
    }
    commands_.Queue(calls_);
  }
  void QueueRelease() {
    for (CallRequest& call : calls_) call = SampleCalls::Another(call, sagas::Call::kReleaseSeats);
    commands_.Queue(calls_);
  }
  Batches<SeatServer>& batches() { return batches_; }

 private:
  const int64_t count_;
  SampleCalls samples_;
  ScratchFolder folder_;
  SeatServer server_{folder_.path(), samples_.halls(), absl::FromUnixSeconds(1'800'000'000)};
  Commands<participants::SeatBatch, SeatServer> commands_{server_};
  Batches<SeatServer> batches_;
  std::vector<CallRequest> calls_;
};

void ReserveSeats(benchmark::State& bench, Durable durable) {
  SeatBench seats(bench.range(0), durable);
  TimeBatches(bench, seats.batches(), [&] { seats.QueueReserve(); });
}
BENCHMARK_CAPTURE(ReserveSeats, committed, Durable::kYes)->Apply(BatchSizes);
BENCHMARK_CAPTURE(ReserveSeats, uncommitted, Durable::kNo)->Apply(BatchSizes);

void ReleaseSeats(benchmark::State& bench, Durable durable) {
  SeatBench seats(bench.range(0), durable);
  TimeBatches(bench, seats.batches(), [&] {
    seats.QueueReserve();
    seats.batches().Run();
    seats.QueueRelease();
  });
}
BENCHMARK_CAPTURE(ReleaseSeats, committed, Durable::kYes)->Apply(BatchSizes);
BENCHMARK_CAPTURE(ReleaseSeats, uncommitted, Durable::kNo)->Apply(BatchSizes);

}  // namespace
}  // namespace seatsaga::bench
