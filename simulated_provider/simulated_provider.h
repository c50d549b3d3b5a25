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
  // Keep the books in memory only. For benchmarks: the provider represents another company, whose
  // disk is not ours to measure.
  bool in_memory = false;
  // Every answer takes at least this long.
  absl::Duration latency = absl::ZeroDuration();
};

// The running simulated provider: its books, and the loop that works on them. The loop runs beside
// payment_svc's, on the same executor.
class SimulatedProvider {
 public:
  // Opens the books; errors say what to do.
  static absl::StatusOr<std::unique_ptr<SimulatedProvider>> Open(
      const World& world, const SimulatedProviderOptions& options);

  absl::Status Start() { return loop_->Start(executor_); }
  // Works on what has queued. Answers that would come later become kUnknown. Idempotent. The
  // destructor does it too.
  void Stop() { loop_->Stop(); }

  // The books, for audits.
  store::Store& store() { return *store_; }

  // Returns false and leaves both arguments untouched if the provider takes no more. Any thread.
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
