#pragma once

#include <cstdint>
#include <string_view>

// The payment tokens of the simulated provider: like the test cards of public providers, a token
// says what will happen.
//
//   tok_visa, tok_mastercard, tok_amex, tok_approve, tok_approve_<anything>: approves
//   tok_declined: declines, PAYMENT_DECLINED
//   tok_insufficient_funds: declines, INSUFFICIENT_FUNDS
//   tok_expired_card: declines, CARD_EXPIRED
//   tok_slow_<ms>: approves after this many milliseconds (0-60000)
//   tok_timeout_charged: charges, but the answer never comes; a look-up finds it captured
//   tok_timeout_not_charged: the first call is lost (not found, never answered); a retry approves
//   tok_flaky_<n>: the first n calls end without effect (0-1000), then it approves
//   tok_refund_flaky_<n>: approves; the first n refunds end without effect (0-1000)
//   tok_refund_refused: approves; refuses every refund, so the saga is parked
//   anything else: declines, INVALID_PAYMENT_TOKEN
//
// "The answer never comes": the caller gives up after one second and knows nothing.
namespace seatsaga::payment {

struct TokenBehaviour {
  enum class Kind { kApprove, kDecline, kSlow, kTimeoutCharged, kTimeoutNotCharged, kFlaky };
  Kind kind = Kind::kApprove;
  std::string_view reason;      // of kDecline; a constant
  int64_t number = 0;           // kSlow: milliseconds; kFlaky: failing calls
  int64_t refund_failures = 0;  // refunds that fail before one works
  bool refund_refused = false;
};

// Pure; thread-safe.
TokenBehaviour BehaviourOf(std::string_view token);

}  // namespace seatsaga::payment
