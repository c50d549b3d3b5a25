#pragma once

#include <string>
#include <utility>

#include "payment_svc/gateway.h"
#include "simulated_provider/simulated_provider.h"

namespace seatsaga::payment {

// A payment provider to develop, test and measure with. It behaves like a real one: asynchronous,
// keyed by idempotency key, with books of its own that outlive payment_svc. The payment token
// controls it: see the table in simulated_tokens.h.
class SimulatedGateway final : public PaymentGateway {
 public:
  // `provider` must outlive the gateway. While the file `outage_file` exists (empty: none) every
  // call is lost.
  SimulatedGateway(SimulatedProvider& provider, std::string outage_file)
      : provider_(provider), outage_file_(std::move(outage_file)) {}

  void Charge(ChargeRequest request, Done done) override;
  void Refund(RefundRequest request, Done done) override;
  void Lookup(std::string charge_key, Done done) override;
  void Cancel(std::string charge_key, Done done) override;

 private:
  void Send(ProviderCall call, Done done);

  SimulatedProvider& provider_;
  const std::string outage_file_;
};

}  // namespace seatsaga::payment
