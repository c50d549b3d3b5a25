#include "simulated_provider/simulated_provider.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/escaping.h"
#include "common/fingerprint.h"
#include "common/outcome.h"
#include "common/text.h"
#include "payment_svc/payment_rules.h"

namespace seatsaga::payment {
namespace {

using Kind = GatewayOutcome::Kind;
using State = ChargeRecord::State;

// How long a caller waits for an answer that never comes.
constexpr absl::Duration kCallDeadline = absl::Seconds(1);

GatewayOutcome Declined(std::string_view reason) {
  return {Kind::kDeclined, std::string(reason), ""};
}

GatewayOutcome FromRecord(const ChargeRecord& record, absl::Time now) {
  switch (record.state) {
    case State::kNothing:
      return {Kind::kNotFound, "", ""};
    case State::kCaptured:
      if (record.effective_time > now) return {};  // under way
      return {Kind::kCaptured, "", record.reference};
    case State::kDeclined:
      return Declined(record.reason);
    case State::kVoided:
      return {Kind::kVoided, "", ""};
    case State::kRefunded:
      return {Kind::kRefunded, "", record.reference};
  }
  return {};
}

std::string ReferenceFor(std::string_view key) {
  return Cat("sim_", absl::BytesToHexString(Fingerprint().Add(key).Digest()));
}

}  // namespace

void SimulatedProvider::Apply(std::vector<ProviderCall>& batch, absl::Time now,
                              AfterCommit& after) {
  AnswerDue(now, after);
  for (ProviderCall& call : batch) {
    Answer answer = Decide(call, now);
    const absl::Duration delay = std::max(latency_, answer.after);
    if (delay <= absl::ZeroDuration()) {
      after.Answer(std::move(call.done), absl::StatusOr<GatewayOutcome>(std::move(answer.outcome)));
      continue;
    }
    after.Then(
        [this, late = LateAnswer{now + delay, std::move(call.key), std::move(answer),
                                 std::move(call.done)}]() mutable { Keep(std::move(late)); });
  }
}

SimulatedProvider::Answer SimulatedProvider::Decide(const ProviderCall& call, absl::Time now) {
  if (call.lost) return {};
  switch (call.operation) {
    case GatewayOperation::kCharge:
      return Charge(call, now);
    case GatewayOperation::kRefund:
      return Refund(call);
    case GatewayOperation::kCancel:
      return Cancel(call, now);
    case GatewayOperation::kLookup:
      break;
  }
  const auto record = books_.Find(call.key);
  return {record ? FromRecord(*record, now) : GatewayOutcome{Kind::kNotFound, "", ""}};
}

SimulatedProvider::Answer SimulatedProvider::Charge(const ProviderCall& call, absl::Time now) {
  const std::optional<ChargeRecord> known = books_.Find(call.key);
  if (!known || known->state == State::kNothing) {
    return FirstCharge(call, known.value_or(ChargeRecord{.key = call.key}), now);
  }
  if (known->state == State::kVoided) return {FromRecord(*known, now)};
  if (known->amount_minor != call.amount_minor || known->currency != call.currency) {
    return {Declined(kKeyReused)};
  }
  const bool under_way = known->state == State::kCaptured && known->effective_time > now;
  if (under_way) return {{}, known->effective_time - now, /*by_record=*/true};
  return {FromRecord(*known, now)};
}

SimulatedProvider::Answer SimulatedProvider::FirstCharge(const ProviderCall& call,
                                                         ChargeRecord record, absl::Time now) {
  using TokenKind = TokenBehaviour::Kind;
  const TokenBehaviour& behaviour = call.behaviour;
  const bool fails = (behaviour.kind == TokenKind::kFlaky && record.attempts < behaviour.number) ||
                     (behaviour.kind == TokenKind::kTimeoutNotCharged && record.attempts == 0);
  if (fails) {
    ++record.attempts;
    books_.Put(record);
    const bool silent = behaviour.kind == TokenKind::kTimeoutNotCharged;
    return {{}, silent ? kCallDeadline : absl::ZeroDuration()};
  }
  const bool declined = behaviour.kind == TokenKind::kDecline;
  const absl::Duration work =
      absl::Milliseconds(behaviour.kind == TokenKind::kSlow ? behaviour.number : 0);
  record.state = declined ? State::kDeclined : State::kCaptured;
  record.amount_minor = call.amount_minor;
  record.currency = call.currency;
  record.reason = std::string(behaviour.reason);
  if (!declined) record.reference = ReferenceFor(call.key);
  record.effective_time = now + work;
  record.refund_failures = behaviour.refund_failures;
  record.refund_refused = behaviour.refund_refused;
  books_.Put(record);
  if (behaviour.kind == TokenKind::kTimeoutCharged) return {{}, kCallDeadline};
  if (work > absl::ZeroDuration()) return {{}, work, /*by_record=*/true};
  return {FromRecord(record, now)};
}

SimulatedProvider::Answer SimulatedProvider::Refund(const ProviderCall& call) {
  std::optional<ChargeRecord> record = books_.Find(call.key);
  if (!record) return {GatewayOutcome{Kind::kNotFound, "", ""}};
  if (record->state == State::kRefunded) {
    return {GatewayOutcome{Kind::kRefunded, "", record->reference}};
  }
  if (record->state != State::kCaptured || record->amount_minor != call.amount_minor) {
    return {Declined("NOTHING_TO_REFUND")};
  }
  if (record->refund_refused) return {Declined(kRefundRefused)};
  if (record->refund_failures > 0) {
    --record->refund_failures;
    books_.Put(*record);
    return {};
  }
  record->state = State::kRefunded;
  books_.Put(*record);
  return {GatewayOutcome{Kind::kRefunded, "", record->reference}};
}

SimulatedProvider::Answer SimulatedProvider::Cancel(const ProviderCall& call, absl::Time now) {
  std::optional<ChargeRecord> record = books_.Find(call.key);
  if (!record) record = ChargeRecord{.key = call.key};
  const bool under_way = record->state == State::kCaptured && record->effective_time > now;
  if (record->state == State::kNothing || under_way) {
    record->state = State::kVoided;
    books_.Put(*record);
  }
  return {FromRecord(*record, now)};
}

// A charge that was under way when it was called may have been voided since.
void SimulatedProvider::AnswerDue(absl::Time now, AfterCommit& after) {
  while (NextWake() <= now) {
    std::pop_heap(late_.begin(), late_.end(),
                  [](const LateAnswer& a, const LateAnswer& b) { return a.due > b.due; });
    LateAnswer late = std::move(late_.back());
    late_.pop_back();
    if (late.answer.by_record) {
      const auto record = books_.Find(late.key);
      if (record) late.answer.outcome = FromRecord(*record, now);
    }
    after.Answer(std::move(late.done),
                 absl::StatusOr<GatewayOutcome>(std::move(late.answer.outcome)));
  }
}

void SimulatedProvider::Keep(LateAnswer late) {
  late_.push_back(std::move(late));
  std::push_heap(late_.begin(), late_.end(),
                 [](const LateAnswer& a, const LateAnswer& b) { return a.due > b.due; });
}

absl::Time SimulatedProvider::NextWake() const {
  return late_.empty() ? absl::InfiniteFuture() : late_.front().due;
}

}  // namespace seatsaga::payment
