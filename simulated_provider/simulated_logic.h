#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "common/due_queue.h"
#include "common/node/logic.h"
#include "payment_svc/gateway.h"
#include "simulated_provider/simulated_tables.h"
#include "simulated_provider/simulated_tokens.h"

namespace seatsaga::payment {

// One call, as it reaches the provider. Holds what the token stands for, and not the token itself.
struct ProviderCall {
  GatewayOperation operation = GatewayOperation::kLookup;
  std::string key;         // of the charge
  std::string refund_key;  // of a refund
  int64_t amount_minor = 0;
  std::string currency;
  TokenBehaviour behaviour;  // of a charge
  bool lost = false;         // never arrives: no effect, no answer
};

// An answer that will come later.
struct LateOutcome {
  Mono due;
  std::string key;
  GatewayOutcome outcome;
  bool by_record = false;  // the answer is what the books say at that time
};

struct ProviderIo {
  using In = ProviderCall;
  using Out = GatewayOutcome;
  using Send = std::monostate;  // the provider calls nobody
  struct Memory {
    Ticket last_ticket = 0;
    std::vector<Ticket> answered;
    std::vector<std::pair<Ticket, LateOutcome>> late;
    // Charges that changed, with the answers about them from now on.
    std::vector<std::pair<std::string, GatewayOutcome>> changed;
  };
};

// The simulated payment company: keeps its own books, remembers what it did by idempotency key, and
// answers once that is durable.
class SimulatedLogic final : public Logic<ProviderIo> {
 public:
  // Every answer takes at least `latency`.
  explicit SimulatedLogic(absl::Duration latency) : latency_(latency) {}

  void Want(std::span<const In> inputs, int round, store::Rows& rows) const override;
  void Decide(std::span<const In> inputs, store::Rows& rows, const Tick& tick,
              Plan<ProviderIo>& plan) const override;
  void Remember(ProviderIo::Memory&& memory) override;
  // Keeps the answers that will come later, because their calls already had their effect.
  absl::Status Load(store::Snapshot&, const Tick&, Plan<ProviderIo>&) override {
    return absl::OkStatus();
  }
  Mono NextWake() const override { return due_.NextDue(); }

 private:
  const absl::Duration latency_;
  Ticket last_ticket_ = 0;
  std::map<Ticket, LateOutcome> late_;
  DueQueue<Ticket> due_;
};

}  // namespace seatsaga::payment
