// Batches of reservation_svc. The orchestrator says at once that it has started what it is asked
// for, which is an input again.
#include <string>
#include <utility>
#include <vector>

#include "bench/in_process/must.h"
#include "bench/in_process/reservation_server.h"
#include "bench/in_process/scratch_folder.h"
#include "bench/micro/batches.h"
#include "bench/micro/sample_calls.h"
#include "orchestrator/participants/request_builders.h"

namespace seatsaga::bench {
namespace {

using participants::CallRequest;

class ReadyOrchestrator final : public reservation::SagaStarter {
 public:
  void Start(reservation::StartBatch batch) override {
    reservation::StartResult result{.call = batch.call, .answered = true};
    for (const reservation::SagaStart& saga : batch.sagas) result.started.push_back(saga.id);
    writer->Push(std::move(result));
  }

  Writer<reservation::Input>* writer = nullptr;
};

class ReservationBench {
 public:
  ReservationBench(int64_t count, Durable durable)
      : count_(count),
        server_(folder_.path(), samples_.sealer(), orchestrator_,
                absl::FromUnixSeconds(1'800'000'000)),
        batches_(server_, durable) {
    orchestrator_.writer = &server_.writer();
  }

  void QueueCreate() {
    calls_.clear();
    for (int64_t i = 0; i < count_; ++i) {
      const CallRequest call = samples_.Next(sagas::Call::kConfirmReservation);
      const std::string request = CreationOf(call).SerializeAsString();
      server_.Create(request, batches_.now(), [this, call](const std::string& answer) {
        calls_.push_back(call);
        const auto made = FromWire<reservation::v1::CreateReservationResponse>(answer);
        calls_.back().saga_id = Must(Id::Parse(made.reservation().reservation_id()));
      });
    }
  }
  // Of what was created.
  void QueueConfirm() {
    if (static_cast<int64_t>(calls_.size()) != count_) Die("a creation was not answered");
    commands_.Queue(calls_);
  }
  Batches<ReservationServer>& batches() { return batches_; }

 private:
  const int64_t count_;
  SampleCalls samples_;
  ScratchFolder folder_;
  ReadyOrchestrator orchestrator_;
  ReservationServer server_;
  Commands<participants::ReservationBatch, ReservationServer> commands_{server_};
  Batches<ReservationServer> batches_;
  std::vector<CallRequest> calls_;
};

void CreateReservation(benchmark::State& bench, Durable durable) {
  ReservationBench reservations(bench.range(0), durable);
  bool first = true;
  TimeBatches(bench, reservations.batches(), [&] {
    if (!std::exchange(first, false)) {  // not too many may be PENDING
      reservations.QueueConfirm();
      reservations.batches().Run();
    }
    reservations.QueueCreate();
  });
}
BENCHMARK_CAPTURE(CreateReservation, committed, Durable::kYes)->Apply(BatchSizes);
BENCHMARK_CAPTURE(CreateReservation, uncommitted, Durable::kNo)->Apply(BatchSizes);

void ConfirmReservation(benchmark::State& bench, Durable durable) {
  ReservationBench reservations(bench.range(0), durable);
  TimeBatches(bench, reservations.batches(), [&] {
    reservations.QueueCreate();
    reservations.batches().Run();
    reservations.QueueConfirm();
  });
}
BENCHMARK_CAPTURE(ConfirmReservation, committed, Durable::kYes)->Apply(BatchSizes);
BENCHMARK_CAPTURE(ConfirmReservation, uncommitted, Durable::kNo)->Apply(BatchSizes);

}  // namespace
}  // namespace seatsaga::bench
