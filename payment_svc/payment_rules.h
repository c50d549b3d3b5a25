#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/backoff.h"
#include "common/participant/outcome.h"
#include "payment_svc/gateway.h"
#include "payment_svc/payment_tables.h"

// The life of one payment, without storage, threads, clock or network:
//
//   PENDING ──▶ CAPTURED ──refund──▶ REFUNDING ──▶ REFUNDED
//    │    └───▶ DECLINED                ▲  ▲│└───▶ PARTIALLY_REFUNDED: the rest stays ours
//    └──────────────────refund──────────┘  ││                │
//                                          │└─▶ CANCELLED    │ nothing was or will be charged
//                                          └─────refund──────┘
//
// A charge of 0 needs no request to the provider: it is CAPTURED at once, and REFUNDED at once.
// A refund of 0 leaves a payment as it is. From REFUNDED, CANCELLED and DECLINED, a later round of
// the step starts again at PENDING. All functions are pure; thread-safe.
namespace seatsaga::payment {

inline constexpr std::string_view kTokenUnreadable = "PAYMENT_TOKEN_UNREADABLE";
inline constexpr std::string_view kInvalidToken = "INVALID_PAYMENT_TOKEN";
inline constexpr std::string_view kPaymentVoided = "PAYMENT_VOIDED";
inline constexpr std::string_view kRefundRefused = "REFUND_REFUSED";
inline constexpr std::string_view kPaymentExists = "PAYMENT_ALREADY_EXISTS";
inline constexpr std::string_view kRefundExceedsCharge = "REFUND_EXCEEDS_CHARGE";
inline constexpr std::string_view kRefundCurrencyMismatch = "REFUND_CURRENCY_MISMATCH";
inline constexpr std::string_view kTokenRequired = "PAYMENT_TOKEN_REQUIRED";
inline constexpr std::string_view kPaymentNotFound = "PAYMENT_NOT_FOUND";

// What may still be paid back of it, or would have to be if it were captured.
int64_t LeftMinor(const Payment& payment);
// The refusal of a refund that is impossible, whatever the provider says; nullopt if it is
// possible.
std::optional<CommandResult> RefuseRefund(const Payment& payment, int64_t amount_minor,
                                          std::string_view currency);
// Undoes `amount_minor`, at most LeftMinor, of the charge as far as it can at once. Returns whether
// a request to the provider must follow. No other refund may be under way.
bool BeginRefund(Payment& payment, int64_t amount_minor, absl::Time now);

// The next request to the provider about a live payment. `look_first`: an earlier charge may have
// happened, so it is looked up before it is sent again.
GatewayOperation NextOperation(const Payment& payment, bool look_first);

enum class NextAsk { kNone, kNow, kLater };

// Applies the provider's answer to `operation`; adds to `transfers` what moved. Returns whether
// another request to the provider must follow.
NextAsk Learn(Payment& payment, GatewayOperation operation, const GatewayOutcome& outcome,
              absl::Time now, std::vector<Transfer>& transfers);

// How long to wait before the next request, after answers in a row that settled nothing.
inline constexpr BackoffLimits kAskBackoff{.base = absl::Milliseconds(100),
                                           .cap = absl::Seconds(5)};

// Whether a charge of this step and round starts the payment anew.
bool StartsAnew(const Payment& payment, std::string_view step, int32_t round);
// The refusal of a charge by `step` that does not.
CommandResult AlreadyCharged(const Payment& payment, std::string_view step);

// The answer to a charge, or to a probe of it; IN_PROGRESS if it is not definite yet.
CommandResult ChargeResult(const Payment& payment);
// The answer to the last refund: SUCCEEDED only once it is certain that no more money stays with us
// than it leaves us.
CommandResult RefundResult(const Payment& payment);

// The words for the reason why a charge was declined.
std::string_view DeclineMessage(std::string_view reason);

}  // namespace seatsaga::payment
