#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/batch_loop.h"
#include "payment_svc/gateway.h"
#include "simulated_provider/simulated_books.h"
#include "simulated_provider/simulated_tokens.h"

namespace seatsaga::payment {

// One call, as it reaches the provider. The token stays outside: only what it asks for comes in.
struct ProviderCall {
  GatewayOperation operation = GatewayOperation::kLookup;
  std::string key;  // of the charge
  int64_t amount_minor = 0;
  std::string currency;
  TokenBehaviour behaviour;  // of a charge
  bool lost = false;         // never arrives: no effect, no answer
  PaymentGateway::Done done;
};

// The simulated payment company: keeps its own books, remembers what it did by idempotency key, and
// answers once that is on disk. One thread: that of its loop.
class SimulatedProvider final : public BatchHandler<ProviderCall> {
 public:
  // `books` must outlive the provider. Every answer takes at least `latency`.
  SimulatedProvider(SimulatedBooks& books, absl::Duration latency)
      : books_(books), latency_(latency) {}

  absl::Status Load(absl::Time, AfterCommit&) override { return absl::OkStatus(); }
  void Apply(std::vector<ProviderCall>& batch, absl::Time now, AfterCommit& after) override;
  absl::Time NextWake() const override;

  // Drops the answers that are still to come; they count as kUnknown. Only once the loop has
  // stopped.
  void DropAnswers() { late_.clear(); }

 private:
  struct Answer {
    GatewayOutcome outcome;
    absl::Duration after;    // how long the provider takes
    bool by_record = false;  // say then what the record says then
  };
  struct LateAnswer {
    absl::Time due;
    std::string key;
    Answer answer;
    PaymentGateway::Done done;
  };

  Answer Decide(const ProviderCall& call, absl::Time now);
  Answer Charge(const ProviderCall& call, absl::Time now);
  Answer FirstCharge(const ProviderCall& call, ChargeRecord record, absl::Time now);
  Answer Refund(const ProviderCall& call);
  Answer Cancel(const ProviderCall& call, absl::Time now);
  void AnswerDue(absl::Time now, AfterCommit& after);
  void Keep(LateAnswer late);

  SimulatedBooks& books_;
  const absl::Duration latency_;
  std::vector<LateAnswer> late_;  // a heap, the earliest first
};

}  // namespace seatsaga::payment
