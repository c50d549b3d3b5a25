#include "payment_svc/payment_requests.h"

#include <utility>

#include "common/fingerprint.h"
#include "common/page_token.h"
#include "common/text.h"
#include "common/time_proto.h"
#include "common/validation.h"

namespace seatsaga::payment {
namespace {

constexpr int kPageSize = 50;
constexpr int kPageSizeMax = 1000;

PaymentCommand ParseKey(const saga::v1::CommandKey& key, CommandKind kind, FieldErrors& errors) {
  const bool undo = kind == CommandKind::kRefund;
  PaymentCommand command;
  participant::ParseKey(key, undo ? saga::v1::DIRECTION_COMPENSATION : saga::v1::DIRECTION_ACTION,
                        command, errors);
  command.body.kind = kind;
  return command;
}

void CheckMoney(const saga::v1::Money& amount, FieldErrors& errors) {
  if (amount.amount_minor() < 0 || amount.amount_minor() > kAmountMax) {
    errors.Add("amount.amount_minor", Cat("must be 0 to ", kAmountMax, " minor units"));
  }
  if (!IsCurrency(amount.currency())) {
    errors.Add("amount.currency", "must be an ISO 4217 code of three upper-case letters: \"EUR\"");
  }
}

}  // namespace

PaymentCommand ParseCommand(v1::PaymentCommand& command, FieldErrors& errors) {
  switch (command.command_case()) {
    case v1::PaymentCommand::kChargePayment:
      return ParseCharge(*command.mutable_charge_payment(), errors);
    case v1::PaymentCommand::kRefundPayment:
      return ParseRefund(command.refund_payment(), errors);
    case v1::PaymentCommand::kProbePayment:
      return ParseKey(command.probe_payment().key(), CommandKind::kProbe, errors);
    case v1::PaymentCommand::COMMAND_NOT_SET:
      break;  // ParseBatch has answered it
  }
  return {};
}

PaymentCommand ParseCharge(v1::ChargePaymentRequest& request, FieldErrors& errors) {
  PaymentCommand command = ParseKey(request.key(), CommandKind::kCharge, errors);
  CheckMoney(request.amount(), errors);
  if (request.sealed_payment_token().empty() ||
      request.sealed_payment_token().size() > kSealedTokenMax) {
    errors.Add("sealed_payment_token",
               Cat("required: the token that reservation_svc sealed, at most ", kSealedTokenMax,
                   " bytes"));
  }
  PaymentBody& body = command.body;
  body.amount_minor = request.amount().amount_minor();
  body.currency = request.amount().currency();
  body.sealed_token = std::move(*request.mutable_sealed_payment_token());
  command.digest =
      Fingerprint().Add(body.amount_minor).Add(body.currency).Add(body.sealed_token).Digest();
  return command;
}

PaymentCommand ParseRefund(const v1::RefundPaymentRequest& request, FieldErrors& errors) {
  PaymentCommand command = ParseKey(request.key(), CommandKind::kRefund, errors);
  std::string amount;
  if (request.has_amount()) {
    CheckMoney(request.amount(), errors);
    command.body.amount_minor = request.amount().amount_minor();
    command.body.currency = request.amount().currency();
    amount = Cat(command.body.amount_minor, " ", command.body.currency);
  }
  command.digest = Fingerprint().AddIfSet("amount", amount).Digest();
  return command;
}

absl::StatusOr<Id> ParseGetPayment(const v1::GetPaymentRequest& request) {
  return RequireId("payment_id", request.payment_id());
}

absl::StatusOr<ListQuery> ParseListPayments(const v1::ListPaymentsRequest& request) {
  FieldErrors errors;
  ListQuery query;
  query.page_size =
      static_cast<size_t>(CheckPageSize(request.page_size(), kPageSize, kPageSizeMax, errors));
  if (!v1::PaymentState_IsValid(request.state())) {
    errors.Add("state", "is not a payment state of this version");
  }
  query.state = request.state();
  query.scope = Cat("ListPayments/", static_cast<int>(request.state()));
  const std::string cursor = ReadPageToken(query.scope, request.page_token(), errors);
  if (!errors.empty()) return errors.ToStatus();
  if (const auto id = Id::FromBytes(cursor); id.ok()) query.after = *id;
  return query;
}

v1::Payment ToProto(const Payment& payment) {
  v1::Payment proto;
  proto.set_payment_id(payment.id.ToString());
  proto.mutable_amount()->set_amount_minor(payment.amount_minor);
  proto.mutable_amount()->set_currency(payment.currency);
  proto.set_state(payment.state);
  if (const int64_t refunded_minor = RefundedMinor(payment); refunded_minor > 0) {
    proto.mutable_refunded()->set_amount_minor(refunded_minor);
    proto.mutable_refunded()->set_currency(payment.currency);
  }
  proto.set_reason(payment.reason);
  proto.set_provider_reference(payment.provider_reference);
  *proto.mutable_create_time() = seatsaga::ToProto(payment.create_time);
  *proto.mutable_update_time() = seatsaga::ToProto(payment.update_time);
  return proto;
}

}  // namespace seatsaga::payment
