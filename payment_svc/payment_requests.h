#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/errors.h"
#include "payment_svc/payment_io.h"

// Between payment.proto and the domain. Pure; thread-safe.
namespace seatsaga::payment {

inline constexpr size_t kSealedTokenMax = 512;  // bytes

// Commands. Adds what is wrong with them to `errors`. Moves the token out of a charge.
PaymentCommand ParseCommand(v1::PaymentCommand& command, FieldErrors& errors);
PaymentCommand ParseCharge(v1::ChargePaymentRequest& request, FieldErrors& errors);
PaymentCommand ParseRefund(const v1::RefundPaymentRequest& request, FieldErrors& errors);

struct ListQuery {
  std::optional<Id> reservation_id;  // only those of this one, which are all on one page
  std::optional<Id> after;
  size_t page_size = 0;
  PaymentState state = v1::PAYMENT_STATE_UNSPECIFIED;  // unspecified: all
  std::string scope;                                   // of its page tokens
};

// Queries; InvalidArgument with what is wrong.
absl::StatusOr<Id> ParseGetPayment(const v1::GetPaymentRequest& request);
absl::StatusOr<ListQuery> ParseListPayments(const v1::ListPaymentsRequest& request);

v1::Payment ToProto(const Payment& payment);

}  // namespace seatsaga::payment
