#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/batch_loop.h"
#include "payment_svc/gateway.h"
#include "simulated_provider/simulated_provider.h"

// A payment provider to develop, test and measure with. It behaves like a real one: asynchronous,
// keyed by idempotency key, with books of its own that outlive payment_svc. The payment token
// steers it: see the table in simulated_tokens.h.
namespace seatsaga::payment {

// The connection to the simulated provider: turns gateway calls into ProviderCalls. Thread-safe.
class SimulatedGateway final : public PaymentGateway {
 public:
  // `push` takes a call to the provider; false (and the call untouched) if the provider takes no
  // more. While the file `outage_file` exists (empty: none) every call is lost.
  SimulatedGateway(std::function<bool(ProviderCall&&)> push, std::string outage_file)
      : push_(std::move(push)), outage_file_(std::move(outage_file)) {}

  void Charge(ChargeRequest request, Done done) override;
  void Refund(RefundRequest request, Done done) override;
  void Lookup(std::string charge_key, Done done) override;
  void Cancel(std::string charge_key, Done done) override;

 private:
  void Send(ProviderCall call);

  std::function<bool(ProviderCall&&)> push_;
  const std::string outage_file_;
};

struct SimulatedProviderOptions {
  std::string database;  // SQLite file of the books; empty: kept in memory
  absl::Duration latency = absl::ZeroDuration();
};

// The simulated company, running: its books and the loop that works on them.
class SimulatedCompany {
 public:
  static absl::StatusOr<std::unique_ptr<SimulatedCompany>> Open(
      const SimulatedProviderOptions& options);
  ~SimulatedCompany() { Stop(); }

  // Books on disk are worked on by a thread of their own, as another company's would be; books in
  // memory by `host`, which saves two hand-overs a charge.
  absl::Status Start(LoopHost& host) {
    return database_ == nullptr ? loop_->Start(host) : loop_->Start();
  }
  bool TryPush(ProviderCall&& call) { return loop_->TryPush(std::move(call)); }
  // Ends the loop; answers still to come are kUnknown. Idempotent.
  void Stop();

 private:
  SimulatedCompany() = default;

  std::unique_ptr<sqlite::Database> database_;  // null: in memory
  std::unique_ptr<SimulatedBooks> books_;
  std::unique_ptr<SimulatedProvider> provider_;
  std::unique_ptr<BatchLoop<ProviderCall>> loop_;
};

}  // namespace seatsaga::payment
