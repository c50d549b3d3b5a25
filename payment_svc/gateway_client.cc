#include "payment_svc/gateway_client.h"

#include <string>

#include "common/text.h"
#include "payment_svc/payment_rules.h"

namespace seatsaga::payment {
namespace {

using Kind = GatewayOutcome::Kind;

ProviderAnswer AnswerTo(const ProviderAsk& ask) {
  return {ask.payment_id, ask.ask_id, ask.generation, ask.operation, {}};
}

}  // namespace

void GatewayClient::Ask(ProviderAsk ask) {
  const std::string step = Cat(ask.payment_id.ToString(), "/", ask.step);
  std::string charge_key = Cat(step, "/action");
  switch (ask.operation) {
    case GatewayOperation::kCharge:
      return Charge(ask, std::move(charge_key));
    case GatewayOperation::kRefund:
      return gateway_.Refund({Cat(step, "/compensation"), std::move(charge_key),
                              ask.provider_reference, ask.amount_minor, ask.currency},
                             Forward(ask));
    case GatewayOperation::kLookup:
      return gateway_.Lookup(std::move(charge_key), Forward(ask));
    case GatewayOperation::kCancel:
      return gateway_.Cancel(std::move(charge_key), Forward(ask));
  }
}

PaymentGateway::Done GatewayClient::Forward(const ProviderAsk& ask) {
  return PaymentGateway::Done(
      [this, answer = AnswerTo(ask)](absl::StatusOr<GatewayOutcome> outcome) mutable {
        if (outcome.ok()) answer.outcome = *std::move(outcome);
        sink_(std::move(answer));
      });
}

void GatewayClient::Charge(const ProviderAsk& ask, std::string key) {
  absl::StatusOr<std::string> token = sealer_.Open(ask.sealed_token, ask.payment_id);
  if (!token.ok()) return DeclineFor(kTokenUnreadable, ask, std::move(key));
  if (!CheckPaymentToken(*token).ok()) return DeclineFor(kInvalidToken, ask, std::move(key));
  gateway_.Charge({std::move(key), ask.amount_minor, ask.currency, *std::move(token)},
                  Forward(ask));
}

void GatewayClient::DeclineFor(std::string_view reason, const ProviderAsk& ask, std::string key) {
  gateway_.Cancel(std::move(key),
                  PaymentGateway::Done([this, reason, answer = AnswerTo(ask)](
                                           absl::StatusOr<GatewayOutcome> outcome) mutable {
                    if (outcome.ok()) answer.outcome = *std::move(outcome);
                    if (answer.outcome.kind == Kind::kVoided)
                      answer.outcome = {Kind::kDeclined, std::string(reason), ""};
                    sink_(std::move(answer));
                  }));
}

}  // namespace seatsaga::payment
