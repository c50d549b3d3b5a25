#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/node/loop.h"
#include "common/node/world.h"
#include "common/store/model.h"
#include "simulated_provider/simulated_logic.h"

namespace seatsaga::payment {

struct SimulatedProviderOptions {
  // Keep the books in memory, gone with the process: for benchmarks, because the provider
  // represents another company, whose disk is not ours to measure.
  bool in_memory = false;
  // Every answer takes at least so long.
  absl::Duration latency = absl::ZeroDuration();
};

// The simulated company, running: its books, and the loop that works on them, beside that of
// payment_svc on the same executor.
class SimulatedProvider {
 public:
  // Opens the books; errors say what to do.
  static absl::StatusOr<std::unique_ptr<SimulatedProvider>> Open(
      const World& world, const SimulatedProviderOptions& options);

  absl::Status Start() { return loop_->Start(executor_); }
  // Works on what has queued; answers still to come are kUnknown. Idempotent. The destructor does
  // it too.
  void Stop() { loop_->Stop(); }

  // The books, to be audited.
  store::Store& store() { return *store_; }

  // False, and both arguments untouched, if the provider takes no more. Any thread.
  [[nodiscard]] bool TryCall(ProviderCall&& call, PaymentGateway::Done&& done) {
    return loop_->TryPush(std::move(call), std::move(done));
  }

 private:
  explicit SimulatedProvider(const World& world, absl::Duration latency)
      : executor_(world.executor), logic_(latency) {}

  Executor& executor_;
  store::ModelStores memory_;  // only of books in memory
  std::unique_ptr<store::Store> store_;
  SimulatedLogic logic_;
  std::unique_ptr<Loop<ProviderIo>> loop_;
};

}  // namespace seatsaga::payment
