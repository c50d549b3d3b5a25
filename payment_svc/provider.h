#pragma once

#include <cstdint>
#include <string>

#include "common/id.h"
#include "payment_svc/gateway.h"

namespace seatsaga::payment {

// One question to the payment provider, with everything that any operation needs.
struct ProviderAsk {
  Id payment_id;
  std::string step;
  GatewayOperation operation = GatewayOperation::kCharge;
  uint64_t ask_id = 0;      // told apart from earlier asks about the same payment
  uint64_t generation = 0;  // of the memory that asked: an older one's answers are not waited for
  int64_t amount_minor = 0;
  std::string currency;
  std::string sealed_token;        // of a charge
  std::string provider_reference;  // of a refund
};

// Where the payment logic hands its questions. Each is answered by one ProviderAnswer input with
// the same ids, later.
class Provider {
 public:
  virtual ~Provider() = default;
  // Called on the writer thread, after the commit; must not block.
  virtual void Ask(ProviderAsk ask) = 0;
};

}  // namespace seatsaga::payment
