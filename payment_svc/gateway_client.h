#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "common/sealed_token.h"
#include "payment_svc/payment_io.h"

namespace seatsaga::payment {

// Between the payment logic and the gateway: makes the idempotency keys, and opens the sealed token
// at the last moment; no one else ever sees it. Thread-safe.
class GatewayClient {
 public:
  using Sink = std::function<void(ProviderAnswer)>;

  // `gateway` must outlive the client; what it still owes answers to may outlive both. `sink` takes
  // the answers, on whatever thread the gateway gives them, until Disconnect.
  GatewayClient(PaymentGateway& gateway, TokenSealer sealer, Sink sink)
      : gateway_(gateway),
        sealer_(std::move(sealer)),
        connection_(std::make_shared<Connection>(std::move(sink))) {}
  ~GatewayClient() { Disconnect(); }

  // Does not block.
  void Send(ProviderAsk ask);
  // When it returns, the sink is not called and will not be called again. Idempotent.
  void Disconnect() { connection_->Close(); }

 private:
  class Connection {
   public:
    explicit Connection(Sink sink) : sink_(std::move(sink)) {}
    void Deliver(ProviderAnswer answer) {
      const std::lock_guard lock(mutex_);
      if (sink_) sink_(std::move(answer));
    }
    void Close() {
      const std::lock_guard lock(mutex_);
      sink_ = nullptr;
    }

   private:
    std::mutex mutex_;
    Sink sink_;
  };

  // Answers with what the gateway says.
  PaymentGateway::Done Forward(const ProviderAsk& ask);
  void Charge(const ProviderAsk& ask, std::string key);
  // Declines for want of a usable token, but only once no earlier charge can have happened.
  void DeclineFor(std::string_view reason, const ProviderAsk& ask, std::string key);

  PaymentGateway& gateway_;
  const TokenSealer sealer_;
  const std::shared_ptr<Connection> connection_;
};

}  // namespace seatsaga::payment
