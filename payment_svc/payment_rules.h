#pragma once

#include <cstdint>
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
//    │    └───▶ DECLINED                ▲    └───▶ CANCELLED: nothing was charged, nor will be
//    └──────────────────refund──────────┘
//
// A charge of 0 never asks the provider: it is CAPTURED at once, and REFUNDED at once. From the
// states on the right and from DECLINED, a later round of the step starts again at PENDING.
// All functions are pure; thread-safe.
namespace seatsaga::payment {

inline constexpr std::string_view kTokenUnreadable = "PAYMENT_TOKEN_UNREADABLE";
inline constexpr std::string_view kInvalidToken = "INVALID_PAYMENT_TOKEN";
inline constexpr std::string_view kPaymentVoided = "PAYMENT_VOIDED";
inline constexpr std::string_view kRefundRefused = "REFUND_REFUSED";
inline constexpr std::string_view kPaymentExists = "PAYMENT_ALREADY_EXISTS";

// Undoes the charge as far as that can be done at once. Returns whether the provider must be asked.
bool BeginRefund(Payment& payment, absl::Time now);

// What to ask the provider about a live payment. `look_first`: an earlier charge may have happened,
// so it is looked up before it is sent again.
GatewayOperation NextOperation(const Payment& payment, bool look_first);

enum class NextAsk { kNone, kNow, kLater };

// Takes in the provider's answer to `operation`; adds to `transfers` what moved. Returns whether
// the provider must be asked again.
NextAsk Learn(Payment& payment, GatewayOperation operation, const GatewayOutcome& outcome,
              absl::Time now, std::vector<Transfer>& transfers);

// How long to leave the provider alone after answers in a row that settled nothing.
inline constexpr BackoffLimits kAskBackoff{.base = absl::Milliseconds(100),
                                           .cap = absl::Seconds(5)};

// Whether a charge of this step and round begins the payment again.
bool StartsAnew(const Payment& payment, std::string_view step, int32_t round);
// The refusal of a charge that does not, by `step`.
CommandResult AlreadyCharged(const Payment& payment, std::string_view step);

// How a charge, or a probe of it, is answered; IN_PROGRESS if not definite yet.
CommandResult ChargeResult(const Payment& payment);
// How a refund is answered: SUCCEEDED only once it is certain that no money stays with us.
CommandResult RefundResult(const Payment& payment);

// The words for a reason that a charge was declined for.
std::string_view DeclineMessage(std::string_view reason);

}  // namespace seatsaga::payment
