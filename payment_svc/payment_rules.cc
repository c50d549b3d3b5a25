#include "payment_svc/payment_rules.h"

#include <array>
#include <string>
#include <utility>

#include "common/participant/desk.h"
#include "common/text.h"

namespace seatsaga::payment {
namespace {

using Kind = GatewayOutcome::Kind;

void Enter(Payment& payment, PaymentState state, absl::Time now) {
  payment.state = state;
  payment.update_time = now;
  if (state != v1::PAYMENT_STATE_PENDING) payment.sealed_token.clear();
}

Transfer MakeTransfer(const Payment& payment, TransferKind kind, absl::Time now) {
  const bool capture = kind == TransferKind::kCapture;
  return {.payment_id = payment.id,
          .kind = kind,
          .number = capture ? payment.round : payment.refund_no,
          .debit_account = std::string(capture ? kProviderAccount : kCustomersAccount),
          .credit_account = std::string(capture ? kCustomersAccount : kProviderAccount),
          .amount_minor = capture ? payment.amount_minor : RefundMinor(payment),
          .currency = payment.currency,
          .time = now};
}

// Nothing is left to pay back.
NextAsk EndRefund(Payment& payment, absl::Time now) {
  payment.refunded_minor = payment.amount_minor - payment.kept_minor;
  Enter(payment,
        payment.kept_minor == 0 ? v1::PAYMENT_STATE_REFUNDED : v1::PAYMENT_STATE_PARTIALLY_REFUNDED,
        now);
  return NextAsk::kNone;
}

void Capture(Payment& payment, const GatewayOutcome& outcome, absl::Time now,
             std::vector<Transfer>& transfers) {
  payment.captured = true;
  payment.provider_reference = outcome.provider_reference;
  transfers.push_back(MakeTransfer(payment, TransferKind::kCapture, now));
}

NextAsk LearnPending(Payment& payment, GatewayOperation operation, const GatewayOutcome& outcome,
                     absl::Time now, std::vector<Transfer>& transfers) {
  switch (outcome.kind) {
    case Kind::kCaptured:
      Capture(payment, outcome, now, transfers);
      Enter(payment, v1::PAYMENT_STATE_CAPTURED, now);
      return NextAsk::kNone;
    case Kind::kDeclined:
      payment.reason = outcome.reason;
      Enter(payment, v1::PAYMENT_STATE_DECLINED, now);
      return NextAsk::kNone;
    case Kind::kVoided:
    case Kind::kRefunded:  // someone else undid it at the provider: we hold no money
      payment.reason = kPaymentVoided;
      Enter(payment, v1::PAYMENT_STATE_DECLINED, now);
      return NextAsk::kNone;
    case Kind::kNotFound:
      return operation == GatewayOperation::kLookup ? NextAsk::kNow : NextAsk::kLater;
    case Kind::kUnknown:
      break;
  }
  return NextAsk::kLater;
}

// For a payment that is REFUNDING while it is not known yet whether the charge happened.
NextAsk LearnFate(Payment& payment, const GatewayOutcome& outcome, absl::Time now,
                  std::vector<Transfer>& transfers) {
  switch (outcome.kind) {
    case Kind::kCaptured:
      Capture(payment, outcome, now, transfers);
      payment.update_time = now;
      return RefundMinor(payment) == 0 ? EndRefund(payment, now) : NextAsk::kNow;
    case Kind::kDeclined:
    case Kind::kVoided:
    case Kind::kRefunded:
      Enter(payment, v1::PAYMENT_STATE_CANCELLED, now);
      return NextAsk::kNone;
    case Kind::kNotFound:  // a charge could still arrive: not certain
    case Kind::kUnknown:
      break;
  }
  return NextAsk::kLater;
}

NextAsk LearnRefund(Payment& payment, const GatewayOutcome& outcome, absl::Time now,
                    std::vector<Transfer>& transfers) {
  switch (outcome.kind) {
    case Kind::kRefunded:
      transfers.push_back(MakeTransfer(payment, TransferKind::kRefund, now));
      return EndRefund(payment, now);
    case Kind::kDeclined:
    case Kind::kVoided:
    case Kind::kNotFound:  // the provider denies a charge that it confirmed: a person must look
      payment.reason = kRefundRefused;
      payment.update_time = now;
      return NextAsk::kNone;
    case Kind::kCaptured:
    case Kind::kUnknown:
      break;
  }
  return NextAsk::kLater;
}

}  // namespace

int64_t LeftMinor(const Payment& payment) {
  const bool nothing_moved =
      payment.state == v1::PAYMENT_STATE_DECLINED || payment.state == v1::PAYMENT_STATE_CANCELLED;
  return nothing_moved ? 0 : payment.amount_minor - payment.refunded_minor;
}

std::optional<CommandResult> RefuseRefund(const Payment& payment, int64_t amount_minor,
                                          std::string_view currency) {
  if (currency != payment.currency) {
    return Refused(kRefundCurrencyMismatch, Cat("the charge is in ", payment.currency,
                                                ", so nothing is paid back in ", currency));
  }
  if (amount_minor > LeftMinor(payment)) {
    return Refused(
        kRefundExceedsCharge,
        Cat("of the charge of ", payment.amount_minor, " minor units of ", payment.currency,
            " are left ", LeftMinor(payment), "; ", amount_minor, " cannot be paid back"));
  }
  return std::nullopt;
}

bool BeginRefund(Payment& payment, int64_t amount_minor, absl::Time now) {
  const bool pending = payment.state == v1::PAYMENT_STATE_PENDING;
  if (!pending && payment.state != v1::PAYMENT_STATE_CAPTURED &&
      payment.state != v1::PAYMENT_STATE_PARTIALLY_REFUNDED) {
    return false;
  }
  const bool free = payment.amount_minor == 0;
  if (!pending && amount_minor == 0 && !free) return false;
  ++payment.refund_no;
  payment.kept_minor = LeftMinor(payment) - amount_minor;
  Enter(payment, free ? v1::PAYMENT_STATE_REFUNDED : v1::PAYMENT_STATE_REFUNDING, now);
  return !free;
}

GatewayOperation NextOperation(const Payment& payment, bool look_first) {
  if (payment.state == v1::PAYMENT_STATE_PENDING) {
    return look_first ? GatewayOperation::kLookup : GatewayOperation::kCharge;
  }
  return payment.captured ? GatewayOperation::kRefund : GatewayOperation::kCancel;
}

NextAsk Learn(Payment& payment, GatewayOperation operation, const GatewayOutcome& outcome,
              absl::Time now, std::vector<Transfer>& transfers) {
  if (payment.state == v1::PAYMENT_STATE_PENDING) {
    return LearnPending(payment, operation, outcome, now, transfers);
  }
  if (payment.state != v1::PAYMENT_STATE_REFUNDING) return NextAsk::kNone;
  return payment.captured ? LearnRefund(payment, outcome, now, transfers)
                          : LearnFate(payment, outcome, now, transfers);
}

bool StartsAnew(const Payment& payment, std::string_view step, int32_t round) {
  const bool over = payment.state == v1::PAYMENT_STATE_DECLINED ||
                    payment.state == v1::PAYMENT_STATE_CANCELLED ||
                    payment.state == v1::PAYMENT_STATE_REFUNDED;
  return over && payment.step == step && round > payment.round;
}

CommandResult AlreadyCharged(const Payment& payment, std::string_view step) {
  return Refused(kPaymentExists,
                 payment.step == step
                     ? "another round of this step has charged and was not refunded in full"
                     : "another step of this saga has charged; a saga has one payment");
}

CommandResult ChargeResult(const Payment& payment) {
  switch (payment.state) {
    case v1::PAYMENT_STATE_CAPTURED: {
      CommandResult captured = Succeeded(payment.amount_minor, payment.currency);
      captured.mutable_result()->set_provider_reference(payment.provider_reference);
      return captured;
    }
    case v1::PAYMENT_STATE_DECLINED:
      return Refused(payment.reason, DeclineMessage(payment.reason));
    case v1::PAYMENT_STATE_PENDING:
      return InProgress();
    default:
      return Refused(participant::kLateAction,
                     "the charge was compensated; it has no effect any more");
  }
}

CommandResult RefundResult(const Payment& payment) {
  switch (payment.state) {
    case v1::PAYMENT_STATE_CAPTURED:  // by a refund of nothing
    case v1::PAYMENT_STATE_REFUNDED:
    case v1::PAYMENT_STATE_PARTIALLY_REFUNDED:
      return Succeeded(payment.refunded_minor, payment.currency);
    case v1::PAYMENT_STATE_CANCELLED:
    case v1::PAYMENT_STATE_DECLINED:
      return Succeeded();
    default:
      if (payment.reason != kRefundRefused) return InProgress();
      return Refused(
          kRefundRefused,
          "the provider refuses the refund; settle it with the provider, then retry the saga");
  }
}

std::string_view DeclineMessage(std::string_view reason) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kMessages{{
      {"PAYMENT_DECLINED", "the customer's bank declined the charge; try another means of payment"},
      {"INSUFFICIENT_FUNDS",
       "the account does not hold enough money; try another means of payment"},
      {"CARD_EXPIRED", "the card has expired; try another means of payment"},
      {kInvalidToken, "the payment provider does not know this payment token; get a new one"},
      {kTokenUnreadable,
       "the payment token could not be read, and nothing was charged; make a new request with a "
       "new token"},
      {kPaymentVoided, "the charge was voided at the provider"},
      {participant::kKeyReused, "the provider knows this key with another amount"},
  }};
  for (const auto& [known, message] : kMessages) {
    if (known == reason) return message;
  }
  return "the payment provider declined the charge";
}

}  // namespace seatsaga::payment
