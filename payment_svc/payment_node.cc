#include "payment_svc/payment_node.h"

#include <utility>
#include <variant>
#include <vector>

#include "api/payment.h"
#include "api/saga.h"
#include "common/token_keys.h"
#include "payment_svc/payment_queries.h"
#include "payment_svc/payment_requests.h"

namespace seatsaga::payment {

absl::StatusOr<std::unique_ptr<PaymentNode>> PaymentNode::Open(const World& world,
                                                               PaymentGateway& gateway,
                                                               TokenSealer sealer,
                                                               const PaymentOptions& options) {
  absl::StatusOr<std::unique_ptr<store::Store>> store = world.stores.Open(kSchema);
  if (!store.ok()) return store.status();
  absl::Status kept = KeepTokenKeys(**store, sealer, options.forget_token_keys);
  if (!kept.ok()) return kept;
  return std::unique_ptr<PaymentNode>(
      new PaymentNode(world, gateway, std::move(sealer), options, *std::move(store)));
}

PaymentNode::PaymentNode(const World& world, PaymentGateway& gateway, TokenSealer sealer,
                         const PaymentOptions& options, std::unique_ptr<store::Store> store)
    : PaymentParts{.logic = PaymentLogic(store->lane().shared(), options.payments),
                   .client = {gateway, std::move(sealer),
                              [this](ProviderAnswer answer) { loop_.Push(std::move(answer)); }}},
      ParticipantNode(
          world, std::move(store), logic,
          [this](std::vector<ProviderAsk> asks) {
            for (ProviderAsk& ask : asks) client.Send(std::move(ask));
          },
          options.loop) {
  ServeBatch(kExecutePaymentCommands, ParseCommand);
  ServeCommand(kChargePayment, ParseCharge);
  ServeCommand(kRefundPayment, ParseRefund);
  ServeFencing(saga::kGetFencing, saga::kTakePartitions);
  ServeQuery(kGetPayment, ParseGetPayment, GetPayment);
  ServeQuery(kListPayments, ParseListPayments, ListPayments);
  ServeQuery(
      kGetLedger,
      [](v1::GetLedgerRequest&) -> absl::StatusOr<std::monostate> { return std::monostate(); },
      [](store::Snapshot& snapshot, std::monostate) { return GetLedger(snapshot); });
}

PaymentNode::~PaymentNode() { client.Disconnect(); }

}  // namespace seatsaga::payment
