#include "simulated_provider/simulated_tokens.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "payment_svc/payment_rules.h"

namespace seatsaga::payment {
namespace {

using Kind = TokenBehaviour::Kind;

constexpr int64_t kSlowMaxMs = 60'000;
constexpr int64_t kFailuresMax = 1000;

constexpr TokenBehaviour Decline(std::string_view reason) {
  return {.kind = Kind::kDecline, .reason = reason};
}

constexpr std::array<std::pair<std::string_view, TokenBehaviour>, 10> kNamed{{
    {"tok_visa", {}},
    {"tok_mastercard", {}},
    {"tok_amex", {}},
    {"tok_approve", {}},
    {"tok_declined", Decline("PAYMENT_DECLINED")},
    {"tok_insufficient_funds", Decline("INSUFFICIENT_FUNDS")},
    {"tok_expired_card", Decline("CARD_EXPIRED")},
    {"tok_timeout_charged", {.kind = Kind::kTimeoutCharged}},
    {"tok_timeout_not_charged", {.kind = Kind::kTimeoutNotCharged}},
    {"tok_refund_refused", {.refund_refused = true}},
}};

// The number after `prefix`, if that is all of `token` and at most `max`.
std::optional<int64_t> NumberAfter(std::string_view prefix, std::string_view token, int64_t max) {
  if (!token.starts_with(prefix)) return std::nullopt;
  token.remove_prefix(prefix.size());
  int64_t number = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
  const bool whole = error == std::errc{} && end == token.data() + token.size();
  if (!whole || number < 0 || number > max) return std::nullopt;
  return number;
}

}  // namespace

TokenBehaviour BehaviourOf(std::string_view token) {
  for (const auto& [name, behaviour] : kNamed) {
    if (token == name) return behaviour;
  }
  if (token.starts_with("tok_approve_")) return {};
  if (const auto ms = NumberAfter("tok_slow_", token, kSlowMaxMs)) {
    return {.kind = Kind::kSlow, .number = *ms};
  }
  if (const auto failures = NumberAfter("tok_flaky_", token, kFailuresMax)) {
    return {.kind = Kind::kFlaky, .number = *failures};
  }
  if (const auto failures = NumberAfter("tok_refund_flaky_", token, kFailuresMax)) {
    return {.refund_failures = *failures};
  }
  return Decline(kInvalidToken);
}

}  // namespace seatsaga::payment
