#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "common/barrier.h"
#include "common/outcome.h"
#include "common/reply.h"
#include "payment_svc/gateway.h"
#include "payment_svc/payment.h"

// What payment_svc's batch loop takes in.
namespace seatsaga::payment {

enum class CommandKind { kCharge, kRefund, kProbe };

struct PaymentCommand {
  CommandKind kind = CommandKind::kCharge;
  size_t index = 0;  // of its result
  BarrierCommand key;
  // Of a charge only.
  int64_t amount_minor = 0;
  std::string currency;
  std::string sealed_token;
};

using CommandResults = std::vector<CommandResult>;

// The commands of one call. `results` has one element for each command of the request; those of
// commands that broke a field rule are filled in already and have no element in `commands`.
struct ExecuteCommands {
  std::vector<PaymentCommand> commands;
  CommandResults results;
  Reply<CommandResults> reply;
};

// What the provider said to an ask.
struct ProviderAnswer {
  Id payment_id;
  uint64_t ask_id = 0;
  uint64_t generation = 0;
  GatewayOperation operation = GatewayOperation::kLookup;
  GatewayOutcome outcome;
};

using PaymentInput = std::variant<ExecuteCommands, ProviderAnswer>;

}  // namespace seatsaga::payment
