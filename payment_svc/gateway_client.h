#pragma once

#include <functional>
#include <utility>

#include "common/sealed_token.h"
#include "payment_svc/payment_input.h"
#include "payment_svc/provider.h"

namespace seatsaga::payment {

// Between the payment logic and the gateway: makes the idempotency keys, and opens the sealed token
// at the last moment; no one else ever sees it. Thread-safe once connected.
class GatewayClient final : public Provider {
 public:
  // Both must outlive the client.
  GatewayClient(PaymentGateway& gateway, const TokenSealer& sealer)
      : gateway_(gateway), sealer_(sealer) {}

  // Where answers go; on whatever thread the gateway answers. Call before the first Ask.
  void Connect(std::function<void(ProviderAnswer)> sink) { sink_ = std::move(sink); }

  void Ask(ProviderAsk ask) override;

 private:
  // Answers with what the gateway says.
  PaymentGateway::Done Forward(const ProviderAsk& ask);
  void Charge(const ProviderAsk& ask, std::string key);
  // Declines for want of a usable token, but only once no earlier charge can have happened.
  void DeclineFor(std::string_view reason, const ProviderAsk& ask, std::string key);

  PaymentGateway& gateway_;
  const TokenSealer& sealer_;
  std::function<void(ProviderAnswer)> sink_;
};

}  // namespace seatsaga::payment
