#include "reservation_svc/refund.h"

#include "common/time_proto.h"

namespace seatsaga::reservation {

bool HasStarted(const saga::v1::EventTerms& terms, absl::Time now) {
  return terms.has_start_time() && now >= FromProto(terms.start_time());
}

int32_t RefundPercent(const saga::v1::EventTerms& terms, absl::Time now) {
  // Rules count back from the start.
  if (!terms.has_start_time() || terms.refund_rules().empty()) return 100;
  const absl::Duration left = FromProto(terms.start_time()) - now;
  for (const saga::v1::RefundRule& rule : terms.refund_rules()) {
    if (FromProto(rule.before_start()) <= left) return rule.percent();
  }
  return 0;
}

}  // namespace seatsaga::reservation
