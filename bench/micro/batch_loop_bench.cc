// The batch loop by itself: one thread pushes, the writer drains, and nothing is stored. One input
// at a time it is the way there and back; many at a time it is the queue's throughput.
#include <benchmark/benchmark.h>

#include <atomic>
#include <utility>
#include <vector>

#include "bench/in_process/must.h"
#include "common/batch_loop.h"
#include "common/reply.h"

namespace seatsaga::bench {
namespace {

struct Question {
  int64_t number = 0;
  Reply<int64_t> reply;
};

class NoTransactions final : public Transactions {
 public:
  void Begin() override {}
  absl::Status Commit() override { return absl::OkStatus(); }
};

class Echo final : public BatchHandler<Question> {
 public:
  absl::Status Load(absl::Time, AfterCommit&) override { return absl::OkStatus(); }
  void Apply(std::vector<Question>& batch, absl::Time, AfterCommit& after) override {
    for (Question& question : batch) {
      after.Answer<int64_t>(std::move(question.reply), question.number);
    }
  }
};

void BatchLoopPushAndAnswer(benchmark::State& bench) {
  const int64_t count = bench.range(0);
  NoTransactions nothing;
  Echo echo;
  BatchLoop<Question> loop(nothing, echo);
  Must(loop.Start());
  std::atomic<int64_t> answered = 0;
  int64_t asked = 0;
  while (bench.KeepRunning()) {
    for (int64_t i = 0; i < count; ++i) {
      loop.Push({i, Reply<int64_t>([&answered](const absl::StatusOr<int64_t>&) {
                   answered.fetch_add(1);
                   answered.notify_one();
                 })});
    }
    asked += count;
    for (int64_t now = answered.load(); now != asked; now = answered.load()) answered.wait(now);
  }
  bench.SetItemsProcessed(asked);
  const BatchLoopStats stats = loop.stats();
  bench.counters["inputs_per_batch"] =
      static_cast<double>(stats.inputs) / static_cast<double>(stats.batches);
}
BENCHMARK(BatchLoopPushAndAnswer)->Arg(1)->Arg(32)->Arg(256)->Arg(4096)->UseRealTime();

}  // namespace
}  // namespace seatsaga::bench
