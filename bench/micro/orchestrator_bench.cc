// Batches of the orchestrator: sagas from their start to their end, four batches with participants
// that agree to everything at once.
#include <utility>
#include <vector>

#include "bench/in_process/orchestrator_server.h"
#include "bench/in_process/scratch_folder.h"
#include "bench/micro/batches.h"
#include "bench/micro/sample_calls.h"
#include "common/outcome.h"
#include "orchestrator/participants/results.h"

namespace seatsaga::bench {
namespace {

class AgreeingParticipants final : public participants::Participants {
 public:
  void Send(std::vector<participants::CallRequest> requests) override {
    if (requests.empty()) return;
    std::vector<participants::CallResult> results;
    results.reserve(requests.size());
    for (const participants::CallRequest& request : requests) {
      if (request.command.call == sagas::Call::kConfirmReservation) ++confirmed;
      const bool prices = request.command.call == sagas::Call::kReserveSeats;
      const CommandResult answer =
          prices ? Succeeded(Halls::kPriceMinor, Halls::kCurrency) : Succeeded();
      results.push_back(participants::ResultOf(request, answer));
    }
    writer->Push(engine::CallsEnded{std::move(results)});
  }

  Writer<engine::Input>* writer = nullptr;
  int64_t confirmed = 0;
};

void RunSagas(benchmark::State& bench, Durable durable) {
  SampleCalls samples;
  const ScratchFolder folder;
  AgreeingParticipants participants;
  OrchestratorServer server(folder.path(), participants, absl::FromUnixSeconds(1'800'000'000));
  participants.writer = &server.writer();
  Batches<OrchestratorServer> batches(server, durable);
  TimeBatches(bench, batches, [&] {
    orchestrator::v1::StartSagasRequest request;
    for (int64_t i = 0; i < bench.range(0); ++i) {
      *request.add_sagas() = StartOf(samples.Next(sagas::Call::kReserveSeats));
    }
    server.StartSagas(request.SerializeAsString(), [](const std::string&) {});
  });
  if (participants.confirmed != bench.range(0) * bench.iterations()) Die("a saga did not end");
}
BENCHMARK_CAPTURE(RunSagas, committed, Durable::kYes)->Apply(BatchSizes);
BENCHMARK_CAPTURE(RunSagas, uncommitted, Durable::kNo)->Apply(BatchSizes);

}  // namespace
}  // namespace seatsaga::bench
