#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/outcome.h"
#include "payment_svc/gateway.h"
#include "payment_svc/payment.h"

// The life of one payment, without storage, threads, clock or network:
//
//   PENDING ──▶ CAPTURED ──refund──▶ REFUNDING ──▶ REFUNDED
//      │   └──▶ DECLINED                 ▲   └──▶ CANCELLED (nothing was charged, and never will
//      be) └──────────────refund─────────────┘
//
// A charge of 0 never asks the provider: it is CAPTURED at once, and REFUNDED at once.
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

// How long to leave the provider alone after the `unknown_count`-th answer (from 1) in a row that
// settled nothing: exponential, capped, spread by the payment's id so that an outage does not end
// in a stampede.
absl::Duration AskBackoff(const Id& id, int unknown_count);

// How a charge, or a probe of it, is answered; IN_PROGRESS if not definite yet.
CommandResult ChargeResult(const Payment& payment);
// How a refund is answered: SUCCEEDED only once it is certain that no money stays with us.
CommandResult RefundResult(const Payment& payment);

// The words for a reason that a charge was declined for.
std::string_view DeclineMessage(std::string_view reason);

}  // namespace seatsaga::payment
