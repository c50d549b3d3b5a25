#include "payment_svc/gateway_client.h"

#include "common/log.h"
#include "common/text.h"
#include "payment_svc/payment_rules.h"

namespace seatsaga::payment {
namespace {

using Kind = GatewayOutcome::Kind;

ProviderAnswer AnswerTo(const ProviderAsk& ask) {
  return {ask.payment_id, ask.ask_id, ask.generation, ask.operation, {}};
}

// The same for every attempt. A later round is another charge; a charge may have several refunds.
std::string KeyOf(const ProviderAsk& ask, std::string_view direction, int32_t number) {
  std::string key = Cat(ask.payment_id.ToString(), "/", ask.step, "/", direction);
  if (number > 1) Append(key, "/", number);
  return key;
}

}  // namespace

void GatewayClient::Send(ProviderAsk ask) {
  std::string charge_key = KeyOf(ask, "action", ask.round);
  switch (ask.operation) {
    case GatewayOperation::kCharge:
      return Charge(ask, std::move(charge_key));
    case GatewayOperation::kRefund:
      return gateway_.Refund({KeyOf(ask, "compensation", ask.refund_no), std::move(charge_key),
                              ask.provider_reference, ask.amount_minor, ask.currency},
                             Forward(ask));
    case GatewayOperation::kLookup:
      return gateway_.Lookup(std::move(charge_key), Forward(ask));
    case GatewayOperation::kCancel:
      return gateway_.Cancel(std::move(charge_key), Forward(ask));
  }
}

PaymentGateway::Done GatewayClient::Forward(const ProviderAsk& ask, std::string_view void_reason) {
  return PaymentGateway::Done([connection = connection_, answer = AnswerTo(ask),
                               void_reason](absl::StatusOr<GatewayOutcome> outcome) mutable {
    if (outcome.ok()) answer.outcome = *std::move(outcome);
    if (!void_reason.empty() && answer.outcome.kind == Kind::kVoided) {
      answer.outcome = {Kind::kDeclined, std::string(void_reason), ""};
    }
    connection->Deliver(std::move(answer));
  });
}

// Without a usable token the charge is declined, but only once no earlier charge can have happened.
void GatewayClient::Charge(const ProviderAsk& ask, std::string key) {
  absl::StatusOr<std::string> token = sealer_.Open(ask.sealed_token, ask.payment_id);
  if (!token.ok()) {
    log::Error("token_unreadable", {{"payment", ask.payment_id.ToString()}},
               View(token.status().message()));
    return gateway_.Cancel(std::move(key), Forward(ask, kTokenUnreadable));
  }
  if (!CheckPaymentToken(*token).ok()) {
    return gateway_.Cancel(std::move(key), Forward(ask, kInvalidToken));
  }
  gateway_.Charge({std::move(key), ask.amount_minor, ask.currency, *std::move(token)},
                  Forward(ask));
}

}  // namespace seatsaga::payment
