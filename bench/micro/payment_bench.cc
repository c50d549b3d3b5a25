// Batches of payment_svc: a charge takes two, as the provider's answer is an input of its own.
#include <utility>
#include <vector>

#include "bench/in_process/payment_server.h"
#include "bench/in_process/scratch_folder.h"
#include "bench/micro/batches.h"
#include "bench/micro/sample_calls.h"
#include "orchestrator/participants/request_builders.h"

namespace seatsaga::bench {
namespace {

using participants::CallRequest;

class PaymentBench {
 public:
  PaymentBench(int64_t count, Durable durable) : count_(count), batches_(server_, durable) {}

  void QueueCharge() {
    calls_.clear();
    for (int64_t i = 0; i < count_; ++i) {
      calls_.push_back(samples_.Next(sagas::Call::kChargePayment));
    }
    commands_.Queue(calls_);
  }
  void QueueRefund() {
    for (CallRequest& call : calls_) call = SampleCalls::Another(call, sagas::Call::kRefundPayment);
    commands_.Queue(calls_);
  }
  Batches<PaymentServer>& batches() { return batches_; }

 private:
  const int64_t count_;
  SampleCalls samples_;
  ScratchFolder folder_;
  PaymentServer server_{folder_.path(), samples_.sealer(), absl::FromUnixSeconds(1'800'000'000)};
  Commands<participants::PaymentBatch, PaymentServer> commands_{server_};
  Batches<PaymentServer> batches_;
  std::vector<CallRequest> calls_;
};

void ChargePayment(benchmark::State& bench, Durable durable) {
  PaymentBench payments(bench.range(0), durable);
  TimeBatches(bench, payments.batches(), [&] { payments.QueueCharge(); });
}
BENCHMARK_CAPTURE(ChargePayment, committed, Durable::kYes)->Apply(BatchSizes);
BENCHMARK_CAPTURE(ChargePayment, uncommitted, Durable::kNo)->Apply(BatchSizes);

void RefundPayment(benchmark::State& bench, Durable durable) {
  PaymentBench payments(bench.range(0), durable);
  TimeBatches(bench, payments.batches(), [&] {
    payments.QueueCharge();
    payments.batches().Run();
    payments.QueueRefund();
  });
}
BENCHMARK_CAPTURE(RefundPayment, committed, Durable::kYes)->Apply(BatchSizes);
BENCHMARK_CAPTURE(RefundPayment, uncommitted, Durable::kNo)->Apply(BatchSizes);

}  // namespace
}  // namespace seatsaga::bench
