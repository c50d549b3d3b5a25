// payment_svc: charges, refunds and the ledger, together with the simulated payment provider.
#include <filesystem>

#include "common/process/run_server.h"
#include "common/process/token_key_flags.h"
#include "common/text.h"
#include "payment_svc/payment_node.h"
#include "simulated_provider/simulated_gateway.h"
#include "simulated_provider/simulated_provider.h"

namespace {

using namespace seatsaga;
using namespace seatsaga::payment;

// The provider starts before the service and stops after it, because the service calls it until it
// stops.
class WithProvider final : public Server {
 public:
  static absl::StatusOr<std::unique_ptr<Server>> Open(const World& world, TokenSealer sealer,
                                                      const PaymentOptions& options,
                                                      const SimulatedProviderOptions& provider,
                                                      const std::string& outage_file) {
    auto company = SimulatedProvider::Open(world, provider);
    if (!company.ok()) return company.status();
    std::unique_ptr<WithProvider> both(new WithProvider(*std::move(company), outage_file));
    auto node = PaymentNode::Open(world, both->gateway_, std::move(sealer), options);
    if (!node.ok()) return node.status();
    both->node_ = *std::move(node);
    return both;
  }

  absl::Status Start() override {
    absl::Status started = provider_->Start();
    return started.ok() ? node_->Start() : started;
  }
  void Stop(absl::Duration drain) override {
    node_->Stop(drain);
    provider_->Stop();
  }

 private:
  WithProvider(std::unique_ptr<SimulatedProvider> provider, const std::string& outage_file)
      : provider_(std::move(provider)), gateway_(*provider_, outage_file) {}

  std::unique_ptr<SimulatedProvider> provider_;
  SimulatedGateway gateway_;
  std::unique_ptr<PaymentNode> node_;
};

class PaymentProgram final : public ServerProgram {
 public:
  PaymentProgram()
      : ServerProgram({.name = "payment_svc",
                       .description = "Charges and refunds through a payment provider; the ledger.",
                       .port = 50053}) {}

  void AddFlags(CommandLine& line) override {
    token_keys_.AddTo(line);
    line.Add("--long-poll-ms", long_poll_ms_,
             "How long a call waits for the provider before the answer is IN_PROGRESS")
        .Environment("SEATSAGA_LONG_POLL_MS")
        .Between(0, 60'000);
    line.Add("--provider-database", provider_database_, "The simulated provider's SQLite file")
        .Environment("SEATSAGA_PROVIDER_DATABASE")
        .Default("<database>.provider.db");
    line.AddSwitch("--provider-memory", provider_.in_memory,
                   "Keep the simulated provider's books in memory only: for benchmarks")
        .Environment("SEATSAGA_PROVIDER_MEMORY");
    line.Add("--provider-latency-ms", provider_latency_ms_,
             "How long the simulated provider takes for each call")
        .Environment("SEATSAGA_PROVIDER_LATENCY_MS")
        .Between(0, 60'000);
    line.Add("--provider-outage-file", provider_outage_file_,
             "While this file exists, every call to the simulated provider is lost: for tests")
        .Environment("SEATSAGA_PROVIDER_OUTAGE_FILE");
  }

  std::string StorePath(std::string_view /*service*/, const ServerFlags& flags) const override {
    if (!provider_database_.empty()) return provider_database_;
    std::filesystem::path stem = flags.database;
    if (stem.extension() == ".db") stem.replace_extension();
    return Cat(stem.string(), ".provider.db");
  }

  absl::StatusOr<std::unique_ptr<Server>> Open(const World& world,
                                               const ServerFlags& flags) override {
    auto sealer = token_keys_.Read(flags.database);
    if (!sealer.ok()) return sealer.status();
    provider_.latency = absl::Milliseconds(provider_latency_ms_);
    return WithProvider::Open(world, *std::move(sealer),
                              {.payments = {.long_poll = absl::Milliseconds(long_poll_ms_)},
                               .loop = flags.loop_limits(),
                               .forget_token_keys = token_keys_.forget},
                              provider_, provider_outage_file_);
  }

 private:
  TokenKeyFlags token_keys_;
  int long_poll_ms_ = 100;
  std::string provider_database_;
  SimulatedProviderOptions provider_;
  int provider_latency_ms_ = 0;
  std::string provider_outage_file_;
};

}  // namespace

int main(int argc, char** argv) { return seatsaga::RunServer(PaymentProgram(), argc, argv); }
