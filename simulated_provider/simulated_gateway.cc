#include "simulated_provider/simulated_gateway.h"

#include <unistd.h>

#include "simulated_provider/provider_migrations.h"

namespace seatsaga::payment {

void SimulatedGateway::Charge(ChargeRequest request, Done done) {
  ProviderCall call;
  call.operation = GatewayOperation::kCharge;
  call.key = std::move(request.key);
  call.amount_minor = request.amount_minor;
  call.currency = std::move(request.currency);
  call.behaviour = BehaviourOf(request.payment_token);
  call.done = std::move(done);
  Send(std::move(call));
}

void SimulatedGateway::Refund(RefundRequest request, Done done) {
  ProviderCall call;
  call.operation = GatewayOperation::kRefund;
  call.key = std::move(request.charge_key);
  call.amount_minor = request.amount_minor;
  call.currency = std::move(request.currency);
  call.done = std::move(done);
  Send(std::move(call));
}

void SimulatedGateway::Lookup(std::string charge_key, Done done) {
  ProviderCall call;
  call.operation = GatewayOperation::kLookup;
  call.key = std::move(charge_key);
  call.done = std::move(done);
  Send(std::move(call));
}

void SimulatedGateway::Cancel(std::string charge_key, Done done) {
  ProviderCall call;
  call.operation = GatewayOperation::kCancel;
  call.key = std::move(charge_key);
  call.done = std::move(done);
  Send(std::move(call));
}

// A call that the provider does not take is dropped, which answers kUnknown.
void SimulatedGateway::Send(ProviderCall call) {
  call.lost = !outage_file_.empty() && access(outage_file_.c_str(), F_OK) == 0;
  (void)push_(std::move(call));
}

absl::StatusOr<std::unique_ptr<SimulatedCompany>> SimulatedCompany::Open(
    const SimulatedProviderOptions& options) {
  std::unique_ptr<SimulatedCompany> company(new SimulatedCompany);
  Transactions* transactions = nullptr;
  if (options.database.empty()) {
    auto books = std::make_unique<MemoryBooks>();
    transactions = books.get();
    company->books_ = std::move(books);
  } else {
    auto database = sqlite::Database::OpenWriter(options.database, kProviderMigrations);
    if (!database.ok()) return database.status();
    company->database_ = *std::move(database);
    transactions = company->database_.get();
    company->books_ = std::make_unique<StoredBooks>(*company->database_);
  }
  company->provider_ = std::make_unique<SimulatedProvider>(*company->books_, options.latency);
  company->loop_ = std::make_unique<BatchLoop<ProviderCall>>(*transactions, *company->provider_);
  return company;
}

void SimulatedCompany::Stop() {
  if (loop_) loop_->Stop();
  if (provider_) provider_->DropAnswers();
}

}  // namespace seatsaga::payment
