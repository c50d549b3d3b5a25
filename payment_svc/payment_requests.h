#pragma once

#include "absl/status/statusor.h"
#include "common/errors.h"
#include "payment_svc/payment_input.h"
#include "payment_svc/payment_reader.h"

// Between payment.proto and the domain. Pure; thread-safe.
namespace seatsaga::payment {

inline constexpr int64_t kAmountMax = 1'000'000'000'000;  // minor units of one charge
inline constexpr size_t kSealedTokenMax = 512;            // bytes

// The command with index 0; what is wrong with the request goes to `errors`.
PaymentCommand ParseCharge(v1::ChargePaymentRequest& request, FieldErrors& errors);
PaymentCommand ParseRefund(const v1::RefundPaymentRequest& request, FieldErrors& errors);

// The input of a batch call, without its reply. A command that breaks a field rule becomes an
// INVALID result. InvalidArgument if the number of commands is wrong.
absl::StatusOr<ExecuteCommands> ParseBatch(v1::ExecutePaymentCommandsRequest& request);

// The input of a unary method; InvalidArgument if `errors` has any.
absl::StatusOr<ExecuteCommands> OneCommand(PaymentCommand command, const FieldErrors& errors);

// The one result of a unary method: INVALID becomes InvalidArgument with the result's reason.
absl::StatusOr<CommandResult> OneResult(absl::StatusOr<CommandResults> results);

v1::Payment ToProto(const Payment& payment);

}  // namespace seatsaga::payment
