#include "simulated_provider/simulated_gateway.h"

#include <unistd.h>

namespace seatsaga::payment {

void SimulatedGateway::Charge(ChargeRequest request, Done done) {
  Send({.operation = GatewayOperation::kCharge,
        .key = std::move(request.key),
        .amount_minor = request.amount_minor,
        .currency = std::move(request.currency),
        .behaviour = BehaviourOf(request.payment_token)},
       std::move(done));
}

void SimulatedGateway::Refund(RefundRequest request, Done done) {
  Send({.operation = GatewayOperation::kRefund,
        .key = std::move(request.charge_key),
        .refund_key = std::move(request.key),
        .amount_minor = request.amount_minor,
        .currency = std::move(request.currency)},
       std::move(done));
}

void SimulatedGateway::Lookup(std::string charge_key, Done done) {
  Send({.operation = GatewayOperation::kLookup, .key = std::move(charge_key)}, std::move(done));
}

void SimulatedGateway::Cancel(std::string charge_key, Done done) {
  Send({.operation = GatewayOperation::kCancel, .key = std::move(charge_key)}, std::move(done));
}

// A call that the provider does not take is dropped, which answers kUnknown.
void SimulatedGateway::Send(ProviderCall call, Done done) {
  call.lost = !outage_file_.empty() && access(outage_file_.c_str(), F_OK) == 0;
  (void)provider_.TryCall(std::move(call), std::move(done));
}

}  // namespace seatsaga::payment
