#pragma once

#include <benchmark/benchmark.h>

#include <string>
#include <utility>

#include "absl/time/time.h"
#include "bench/in_process/must.h"
#include "bench/in_process/orchestrator_server.h"
#include "bench/in_process/wire.h"
#include "orchestrator/participants/participants.h"
#include "seatsaga/saga/v1/saga.pb.h"

// What the benchmarks of the four services' batches share.
namespace seatsaga::bench {

// Whether each batch is committed to the disk, or applied in one long transaction that never is:
// the difference is the disk.
enum class Durable { kYes, kNo };

inline void BatchSizes(benchmark::internal::Benchmark* bench) {
  bench->Arg(1)->Arg(32)->Arg(256)->UseRealTime();
}

// Runs a server's batches, a millisecond apart. `Server` is one of bench/in_process.
template <class Server>
class Batches {
 public:
  Batches(Server& server, Durable durable) : server_(server), durable_(durable) {
    if (durable_ == Durable::kNo) server_.database().Begin();
  }
  Batches(const Batches&) = delete;
  Batches& operator=(const Batches&) = delete;
  ~Batches() {
    if (durable_ == Durable::kNo) server_.database().Rollback();
  }

  // One batch, or as many as it takes until nothing waits any more.
  void Run() {
    do {
      now_ += absl::Milliseconds(1);
      if (durable_ == Durable::kYes) {
        server_.writer().RunBatch(now_);
      } else {
        server_.writer().RunUncommitted(now_);
      }
    } while (server_.writer().HasWork(now_));
  }

  absl::Time now() const { return now_; }

 private:
  Server& server_;
  const Durable durable_;
  absl::Time now_ = absl::FromUnixSeconds(1'800'000'001);
};

// Sends batches to one participant, and sees to it that every command succeeds: what a refusal
// costs is another question. `Batch` is one of request_builders.h.
template <class Batch, class Server>
class Commands {
 public:
  explicit Commands(Server& server) : server_(server) {}
  Commands(const Commands&) = delete;
  Commands& operator=(const Commands&) = delete;
  ~Commands() { CheckAnswer(); }

  // Queues one command for each call. Not to be timed: it also looks at the last batch's answer.
  template <class Calls>
  void Queue(const Calls& calls) {
    CheckAnswer();
    typename Batch::Request request;
    for (const participants::CallRequest& call : calls) Batch::Add(call, kFencingToken, request);
    asked_ = request.commands_size();
    server_.Execute(request.SerializeAsString(),
                    [this](std::string answer) { answer_ = std::move(answer); });
  }

 private:
  void CheckAnswer() {
    const auto response = FromWire<typename Batch::Response>(answer_);
    if (response.results_size() != asked_) Die("a batch was not answered");
    for (const auto& result : response.results()) {
      if (result.outcome() != saga::v1::OUTCOME_SUCCEEDED) Die(result.ShortDebugString());
    }
  }

  Server& server_;
  int asked_ = 0;
  std::string answer_;
};

// `prepare` is not timed, the batches that follow are.
template <class Server, class Prepare>
void TimeBatches(benchmark::State& bench, Batches<Server>& batches, Prepare prepare) {
  while (bench.KeepRunning()) {
    bench.PauseTiming();
    prepare();
    bench.ResumeTiming();
    batches.Run();
  }
  bench.SetItemsProcessed(bench.range(0) * bench.iterations());
}

}  // namespace seatsaga::bench
