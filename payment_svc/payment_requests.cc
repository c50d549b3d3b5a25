#include "payment_svc/payment_requests.h"

#include <string>
#include <utility>

#include "common/fingerprint.h"
#include "common/text.h"
#include "common/time_proto.h"
#include "common/validation.h"

namespace seatsaga::payment {
namespace {

using saga::v1::DIRECTION_ACTION;
using saga::v1::DIRECTION_COMPENSATION;

// Of a charge, a refund or a probe.
template <class Request>
PaymentCommand ParseKey(const Request& request, CommandKind kind, FieldErrors& errors) {
  PaymentCommand command;
  command.kind = kind;
  command.key.saga_id = CheckId("saga_id", request.saga_id(), errors).value_or(Id());
  CheckText("step", request.step(), kStepMax, errors);
  command.key.step = request.step();
  const bool undo = kind == CommandKind::kRefund;
  command.key.direction = undo ? DIRECTION_COMPENSATION : DIRECTION_ACTION;
  command.key.fencing_token = request.fencing_token();
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

PaymentCommand ParseOne(v1::PaymentCommand& command, FieldErrors& errors) {
  switch (command.command_case()) {
    case v1::PaymentCommand::kChargePayment:
      return ParseCharge(*command.mutable_charge_payment(), errors);
    case v1::PaymentCommand::kRefundPayment:
      return ParseRefund(command.refund_payment(), errors);
    case v1::PaymentCommand::kProbePayment:
      return ParseKey(command.probe_payment(), CommandKind::kProbe, errors);
    case v1::PaymentCommand::COMMAND_NOT_SET:
      errors.Add("command", "required: charge_payment, refund_payment or probe_payment");
  }
  return {};
}

}  // namespace

PaymentCommand ParseCharge(v1::ChargePaymentRequest& request, FieldErrors& errors) {
  PaymentCommand command = ParseKey(request, CommandKind::kCharge, errors);
  CheckMoney(request.amount(), errors);
  if (request.sealed_payment_token().empty() ||
      request.sealed_payment_token().size() > kSealedTokenMax) {
    errors.Add("sealed_payment_token",
               Cat("required: the token as reservation_svc sealed it, at most ", kSealedTokenMax,
                   " bytes"));
  }
  command.amount_minor = request.amount().amount_minor();
  command.currency = request.amount().currency();
  command.sealed_token = std::move(*request.mutable_sealed_payment_token());
  command.key.fingerprint = Fingerprint()
                                .Add(command.amount_minor)
                                .Add(command.currency)
                                .Add(command.sealed_token)
                                .Digest();
  return command;
}

PaymentCommand ParseRefund(const v1::RefundPaymentRequest& request, FieldErrors& errors) {
  PaymentCommand command = ParseKey(request, CommandKind::kRefund, errors);
  command.key.fingerprint = Fingerprint().Digest();  // the key says it all
  return command;
}

absl::StatusOr<ExecuteCommands> ParseBatch(v1::ExecutePaymentCommandsRequest& request) {
  const int count = request.commands_size();
  if (count < 1 || count > kCommandsMax) {
    FieldErrors errors;
    errors.Add("commands", Cat("has ", count, " commands; 1 to ", kCommandsMax, " are allowed"));
    return errors.ToStatus();
  }
  ExecuteCommands input;
  input.results.resize(static_cast<size_t>(count));
  input.commands.reserve(input.results.size());
  for (size_t i = 0; i < input.results.size(); ++i) {
    FieldErrors errors;
    PaymentCommand command = ParseOne(*request.mutable_commands(static_cast<int>(i)), errors);
    if (!errors.empty()) {
      input.results[i] = Invalid("INVALID_REQUEST", View(errors.ToStatus().message()));
      continue;
    }
    command.index = i;
    input.commands.push_back(std::move(command));
  }
  return input;
}

absl::StatusOr<ExecuteCommands> OneCommand(PaymentCommand command, const FieldErrors& errors) {
  if (auto status = errors.ToStatus(); !status.ok()) return status;
  ExecuteCommands input;
  input.results.resize(1);
  input.commands.push_back(std::move(command));
  return input;
}

absl::StatusOr<CommandResult> OneResult(absl::StatusOr<CommandResults> results) {
  if (!results.ok()) return results.status();
  CommandResult& result = results->front();
  if (result.outcome() == saga::v1::OUTCOME_INVALID) {
    return MakeError(absl::StatusCode::kInvalidArgument, result.reason(), result.message());
  }
  return std::move(result);
}

v1::Payment ToProto(const Payment& payment) {
  v1::Payment proto;
  proto.set_payment_id(payment.id.ToString());
  proto.mutable_amount()->set_amount_minor(payment.amount_minor);
  proto.mutable_amount()->set_currency(payment.currency);
  proto.set_state(payment.state);
  proto.set_reason(payment.reason);
  proto.set_provider_reference(payment.provider_reference);
  *proto.mutable_create_time() = seatsaga::ToProto(payment.create_time);
  *proto.mutable_update_time() = seatsaga::ToProto(payment.update_time);
  return proto;
}

}  // namespace seatsaga::payment
