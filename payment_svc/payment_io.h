#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "common/participant/command.h"
#include "common/participant/fencing.h"
#include "payment_svc/gateway.h"
#include "payment_svc/payment_memory.h"

// What goes into payment_svc's logic and comes out of it.
namespace seatsaga::payment {

enum class CommandKind {
  kCharge,
  kRefund,   // of everything that the step has charged
  kPayBack,  // of what the command says
  kProbe,
};

// What is paid back of one payment.
struct Part {
  Id payment_id;
  int64_t amount_minor = 0;  // above 0
  std::string currency;
};

struct PaymentBody {
  CommandKind kind = CommandKind::kCharge;
  Id reservation_id;
  // Of a charge.
  int64_t amount_minor = 0;
  std::string currency;
  std::string sealed_token;  // may be empty
  std::vector<Part> parts;   // of kPayBack: of different payments
};
using PaymentCommand = participant::Command<PaymentBody>;
using PaymentCommands = participant::Commands<PaymentBody>;

// One request to the payment provider, with everything that any operation needs. One ProviderAnswer
// with the same ids answers it later.
struct ProviderAsk {
  Id payment_id;
  std::string step;
  int32_t round = 1;      // of the charge
  int32_t refund_no = 0;  // of a refund
  GatewayOperation operation = GatewayOperation::kCharge;
  uint64_t ask_id = 0;       // distinguishes it from earlier ones about the same payment
  uint64_t generation = 0;   // of the memory that sent it: answers to an older one are ignored
  int64_t amount_minor = 0;  // to charge or to refund
  std::string currency;
  std::string sealed_token;        // of a charge
  std::string provider_reference;  // of a refund
};

// What the provider said.
struct ProviderAnswer {
  Id payment_id;
  uint64_t ask_id = 0;
  uint64_t generation = 0;
  GatewayOperation operation = GatewayOperation::kLookup;
  GatewayOutcome outcome;
};

struct PaymentIo {
  using In = std::variant<PaymentCommands, participant::Take, ProviderAnswer>;
  using Out = std::variant<participant::Results, participant::Taken>;
  using Send = ProviderAsk;
  struct Memory {
    participant::Fencing::Change taken;
    PaymentMemory::Change payments;
  };
};

}  // namespace seatsaga::payment
