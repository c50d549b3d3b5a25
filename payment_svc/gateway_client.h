#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "common/sealed_token.h"
#include "payment_svc/payment_io.h"

namespace seatsaga::payment {

// Stands between the payment logic and the gateway. Makes the idempotency keys, and opens the
// sealed token at the last moment, so that nothing else ever sees it. Is used and answered on the
// executor only; once the executor has ended, on the thread that ends the client.
class GatewayClient {
 public:
  using Sink = std::function<void(ProviderAnswer)>;

  // `gateway` must outlive the client. Answers that it gives after the client's end are dropped.
  GatewayClient(PaymentGateway& gateway, TokenSealer sealer, Sink sink)
      : gateway_(gateway),
        sealer_(std::move(sealer)),
        connection_(std::make_shared<Connection>(Connection{std::move(sink)})) {}
  ~GatewayClient() { Disconnect(); }

  // Does not block.
  void Send(ProviderAsk ask);
  // Drops all answers from now on. Idempotent.
  void Disconnect() { connection_->sink = nullptr; }

 private:
  struct Connection {
    void Deliver(ProviderAnswer answer) {
      if (sink) sink(std::move(answer));
    }
    Sink sink;
  };

  // Answers with what the gateway says. If it says that a charge is voided and `void_reason` (a
  // constant) is not empty, answers that the charge is declined for that reason.
  PaymentGateway::Done Forward(const ProviderAsk& ask, std::string_view void_reason = {});
  void Charge(const ProviderAsk& ask, std::string key);

  PaymentGateway& gateway_;
  const TokenSealer sealer_;
  const std::shared_ptr<Connection> connection_;
};

}  // namespace seatsaga::payment
