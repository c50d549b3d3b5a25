#include "reservation_svc/refund.h"

#include "common/time_proto.h"

namespace seatsaga::reservation {

bool HasStarted(const saga::v1::EventTerms& terms, absl::Time now) {
  return terms.has_start_time() && now >= FromProto(terms.start_time());
}

int64_t RefundMinor(const saga::v1::EventTerms& terms, int64_t price_minor, absl::Time now) {
  // Rules count back from the start.
  if (!terms.has_start_time() || terms.refund_rules().empty()) return price_minor;
  const absl::Duration left = FromProto(terms.start_time()) - now;
  for (const saga::v1::RefundRule& rule : terms.refund_rules()) {
    if (FromProto(rule.before_start()) > left) continue;
    // price * percent / 100 without its overflow.
    return price_minor / 100 * rule.percent() + price_minor % 100 * rule.percent() / 100;
  }
  return 0;
}

}  // namespace seatsaga::reservation
