#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/node/world.h"
#include "common/participant/node.h"
#include "common/sealed_token.h"
#include "payment_svc/gateway.h"
#include "payment_svc/gateway_client.h"
#include "payment_svc/payment_io.h"
#include "payment_svc/payment_logic.h"

namespace seatsaga::payment {

struct PaymentOptions {
  PaymentLimits payments;
  LoopLimits loop;
  std::vector<std::string> forget_token_keys;  // see KeepTokenKeys
};

namespace internal {
// A base class, so that it outlives the loop: bases are destroyed in reverse order.
struct PaymentParts {
  PaymentLogic logic;
  GatewayClient client;
};
}  // namespace internal

// seatsaga.payment.v1.PaymentService and ParticipantService.
class PaymentNode final : private internal::PaymentParts,
                          public participant::ParticipantNode<PaymentIo, PaymentBody> {
 public:
  // Opens the store; its errors say what to do. `gateway` must outlive the node, and may answer
  // even later.
  static absl::StatusOr<std::unique_ptr<PaymentNode>> Open(const World& world,
                                                           PaymentGateway& gateway,
                                                           TokenSealer sealer,
                                                           const PaymentOptions& options = {});
  ~PaymentNode() override;

 private:
  PaymentNode(const World& world, PaymentGateway& gateway, TokenSealer sealer,
              const PaymentOptions& options, std::unique_ptr<store::Store> store);
};

}  // namespace seatsaga::payment
