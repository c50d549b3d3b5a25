#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "bench/in_process/wire.h"
#include "bench/in_process/writer.h"
#include "common/barrier.h"
#include "common/sealed_token.h"
#include "common/sqlite/database.h"
#include "payment_svc/gateway_client.h"
#include "payment_svc/payment_handler.h"
#include "payment_svc/payment_store.h"

namespace seatsaga::bench {

// A payment provider that says yes at once and keeps no books: what it costs is not ours to
// measure.
class ApprovingGateway final : public payment::PaymentGateway {
 public:
  void Charge(payment::ChargeRequest request, Done done) override;
  void Refund(payment::RefundRequest request, Done done) override;
  void Lookup(std::string charge_key, Done done) override;
  void Cancel(std::string charge_key, Done done) override;
};

// payment_svc but for its threads and its network, on a database of its own. One thread.
class PaymentServer {
 public:
  // `sealer` must outlive the server.
  PaymentServer(const std::string& folder, const TokenSealer& sealer, absl::Time now);

  // ExecutePaymentCommands, checked and queued. A charge takes two batches: the provider's answer
  // is the next input.
  void Execute(const std::string& request, WireSink answer);

  Writer<payment::PaymentInput>& writer() { return *writer_; }
  sqlite::Database& database() { return *database_; }

 private:
  std::unique_ptr<sqlite::Database> database_;
  ApprovingGateway gateway_;
  payment::GatewayClient provider_;
  payment::PaymentStore store_;
  Barrier barrier_;
  payment::PaymentHandler handler_;
  std::unique_ptr<Writer<payment::PaymentInput>> writer_;
};

}  // namespace seatsaga::bench
