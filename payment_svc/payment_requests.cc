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

constexpr int kPartsMax = 100;

PaymentCommand ParseKey(const saga::v1::CommandKey& key, CommandKind kind,
                        saga::v1::Direction direction, FieldErrors& errors) {
  PaymentCommand command;
  participant::ParseKey(key, direction, command, errors);
  command.body.kind = kind;
  return command;
}

Part ParsePart(const saga::v1::PaymentPart& proto, const std::vector<Part>& before,
               FieldErrors& errors) {
  Part part{.amount_minor = proto.amount().amount_minor(), .currency = proto.amount().currency()};
  CheckMoney("amount", proto.amount(), /*min_minor=*/1, errors);
  if (const auto id = CheckId("payment_id", proto.payment_id(), errors)) part.payment_id = *id;
  for (const Part& other : before) {
    if (other.payment_id != part.payment_id) continue;
    errors.Add("payment_id", "is named before; name each payment once");
    break;
  }
  return part;
}

// A command that says what it pays back.
PaymentCommand ParsePayBack(const saga::v1::CommandKey& key, saga::v1::Direction direction,
                            std::string_view reservation_id, const v1::Refunds& refunds,
                            FieldErrors& errors) {
  PaymentCommand command = ParseKey(key, CommandKind::kPayBack, direction, errors);
  command.body.reservation_id = participant::ParseReservationId(reservation_id, command, errors);
  if (refunds.refunds_size() > kPartsMax) {
    errors.Add("refunds.refunds", Cat("must be at most ", kPartsMax));
    return command;
  }
  Fingerprint digest;
  digest.Add("pay_back").Add(command.body.reservation_id.bytes());
  for (int i = 0; i < refunds.refunds_size(); ++i) {
    FieldErrors found;
    const Part part = ParsePart(refunds.refunds(i), command.body.parts, found);
    if (!found.empty()) errors.AddBelow(Cat("refunds.refunds[", i, "]"), found);
    digest.Add(part.payment_id.bytes()).Add(part.amount_minor).Add(part.currency);
    command.body.parts.push_back(part);
  }
  command.digest = digest.Digest();
  return command;
}

PaymentCommand ParsePayBack(const v1::PayBackPayment& request, FieldErrors& errors) {
  if (!request.has_refunds()) errors.Add("refunds", "required: what is paid back");
  return ParsePayBack(request.key(), saga::v1::DIRECTION_ACTION, request.reservation_id(),
                      request.refunds(), errors);
}

}  // namespace

PaymentCommand ParseCommand(v1::PaymentCommand& command, FieldErrors& errors) {
  switch (command.command_case()) {
    case v1::PaymentCommand::kChargePayment:
      return ParseCharge(*command.mutable_charge_payment(), errors);
    case v1::PaymentCommand::kRefundPayment:
      return ParseRefund(command.refund_payment(), errors);
    case v1::PaymentCommand::kProbePayment:
      return ParseKey(command.probe_payment().key(), CommandKind::kProbe,
                      saga::v1::DIRECTION_ACTION, errors);
    case v1::PaymentCommand::kPayBackPayment:
      return ParsePayBack(command.pay_back_payment(), errors);
    case v1::PaymentCommand::COMMAND_NOT_SET:
      break;  // ParseBatch has answered it
  }
  return {};
}

PaymentCommand ParseCharge(v1::ChargePaymentRequest& request, FieldErrors& errors) {
  PaymentCommand command =
      ParseKey(request.key(), CommandKind::kCharge, saga::v1::DIRECTION_ACTION, errors);
  CheckMoney("amount", request.amount(), /*min_minor=*/0, errors);
  if (request.sealed_payment_token().size() > kSealedTokenMax) {
    errors.Add(
        "sealed_payment_token",
        Cat("must be the token that reservation_svc sealed, at most ", kSealedTokenMax, " bytes"));
  }
  PaymentBody& body = command.body;
  body.reservation_id = participant::ParseReservationId(request.reservation_id(), command, errors);
  body.amount_minor = request.amount().amount_minor();
  body.currency = request.amount().currency();
  body.sealed_token = std::move(*request.mutable_sealed_payment_token());
  command.digest = Fingerprint()
                       .Add(body.amount_minor)
                       .Add(body.currency)
                       .Add(body.sealed_token)
                       .AddIfSet("reservation_id", request.reservation_id())
                       .Digest();
  return command;
}

PaymentCommand ParseRefund(const v1::RefundPaymentRequest& request, FieldErrors& errors) {
  if (request.has_refunds()) {
    return ParsePayBack(request.key(), saga::v1::DIRECTION_COMPENSATION, request.reservation_id(),
                        request.refunds(), errors);
  }
  PaymentCommand command =
      ParseKey(request.key(), CommandKind::kRefund, saga::v1::DIRECTION_COMPENSATION, errors);
  command.body.reservation_id =
      participant::ParseReservationId(request.reservation_id(), command, errors);
  command.digest = Fingerprint().AddIfSet("reservation_id", request.reservation_id()).Digest();
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
  if (!request.reservation_id().empty()) {
    query.reservation_id = CheckId("reservation_id", request.reservation_id(), errors);
    if (!request.page_token().empty()) {
      errors.Add("page_token", "must be empty: the payments of one reservation are on one page");
    }
  }
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
  proto.set_reservation_id(payment.reservation_id.ToString());
  proto.set_last_saga_id(payment.last_saga_id.ToString());
  if (payment.refunded_minor > 0) {
    proto.mutable_refunded()->set_amount_minor(payment.refunded_minor);
    proto.mutable_refunded()->set_currency(payment.currency);
  }
  proto.set_reason(payment.reason);
  proto.set_provider_reference(payment.provider_reference);
  *proto.mutable_create_time() = seatsaga::ToProto(payment.create_time);
  *proto.mutable_update_time() = seatsaga::ToProto(payment.update_time);
  return proto;
}

}  // namespace seatsaga::payment
