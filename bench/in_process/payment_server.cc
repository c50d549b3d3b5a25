#include "bench/in_process/payment_server.h"

#include <utility>

#include "payment_svc/payment_requests.h"
#include "payment_svc/schema/migrations.h"

namespace seatsaga::bench {
namespace {

using payment::GatewayOutcome;
using Kind = GatewayOutcome::Kind;

// As long as those of the simulated provider.
constexpr char kReference[] = "sim_0123456789abcdef0123456789abcdef";

payment::v1::ExecutePaymentCommandsResponse ToResponse(payment::CommandResults results) {
  payment::v1::ExecutePaymentCommandsResponse response;
  for (CommandResult& result : results) *response.add_results() = std::move(result);
  return response;
}

}  // namespace

void ApprovingGateway::Charge(payment::ChargeRequest /*request*/, Done done) {
  done.Send(GatewayOutcome{Kind::kCaptured, "", kReference});
}

void ApprovingGateway::Refund(payment::RefundRequest /*request*/, Done done) {
  done.Send(GatewayOutcome{Kind::kRefunded, "", kReference});
}

void ApprovingGateway::Lookup(std::string /*charge_key*/, Done done) {
  done.Send(GatewayOutcome{Kind::kNotFound, "", ""});
}

void ApprovingGateway::Cancel(std::string /*charge_key*/, Done done) {
  done.Send(GatewayOutcome{Kind::kVoided, "", ""});
}

PaymentServer::PaymentServer(const std::string& folder, const TokenSealer& sealer, absl::Time now)
    : database_(Must(sqlite::Database::OpenWriter(folder + "/payment.db", payment::kMigrations))),
      provider_(gateway_, sealer),
      store_(*database_),
      barrier_(*database_),
      handler_(store_, barrier_, provider_) {
  provider_.Connect([this](payment::ProviderAnswer answer) { writer_->Push(std::move(answer)); });
  writer_ = std::make_unique<Writer<payment::PaymentInput>>(*database_, handler_, now);
}

void PaymentServer::Execute(const std::string& request, WireSink answer) {
  auto message = FromWire<payment::v1::ExecutePaymentCommandsRequest>(request);
  payment::ExecuteCommands input = Must(payment::ParseBatch(message));
  input.reply = WireReply<payment::CommandResults>(std::move(answer), ToResponse);
  writer_->Push(std::move(input));
}

}  // namespace seatsaga::bench
