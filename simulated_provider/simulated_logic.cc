#include "simulated_provider/simulated_logic.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/escaping.h"
#include "common/fingerprint.h"
#include "common/participant/desk.h"
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

GatewayOutcome Captured(const ChargeRecord& record) {
  return {Kind::kCaptured, "", record.reference};
}

GatewayOutcome Refunded(const ChargeRecord& record) {
  return {Kind::kRefunded, "", record.reference};
}

// A charge that was refunded in part is still captured.
GatewayOutcome FromRecord(const ChargeRecord& record, absl::Time now) {
  switch (record.state) {
    case State::kNothing:
      return {Kind::kNotFound, "", ""};
    case State::kCaptured:
      if (record.effective_time > now) return {};  // under way
      return Captured(record);
    case State::kDeclined:
      return Declined(record.reason);
    case State::kVoided:
      return {Kind::kVoided, "", ""};
    case State::kRefunded:
      return Refunded(record);
  }
  return {};
}

std::string ReferenceFor(std::string_view key) {
  return Cat("sim_", absl::BytesToHexString(Fingerprint().Add(key).Digest()));
}

struct Answer {
  GatewayOutcome outcome;
  absl::Duration after;    // how long the provider takes
  bool by_record = false;  // the answer is what the books say at that time
};

// One batch while it is being decided.
class Batch {
 public:
  Batch(store::Rows& rows, absl::Time now, ProviderIo::Memory& memory)
      : rows_(rows), now_(now), memory_(memory) {}

  Answer Decide(const ProviderCall& call);

 private:
  Answer Charge(const ProviderCall& call);
  Answer FirstCharge(const ProviderCall& call);
  Answer Refund(const ProviderCall& call);
  Answer Cancel(const ProviderCall& call);

  const ChargeRecord* Find(const std::string& key) const { return rows_.Find(kCharges, key); }
  // The record, which may be changed.
  ChargeRecord& Record(const std::string& key) {
    const ChargeRecord* known = Find(key);
    return known != nullptr ? rows_.Update(kCharges, *known)
                            : rows_.Insert(kCharges, ChargeRecord{.key = key});
  }
  bool IsUnderWay(const ChargeRecord& record) const {
    return record.state == State::kCaptured && record.effective_time > now_;
  }

  store::Rows& rows_;
  const absl::Time now_;
  ProviderIo::Memory& memory_;
};

Answer Batch::Decide(const ProviderCall& call) {
  if (call.lost) return {};
  switch (call.operation) {
    case GatewayOperation::kCharge:
      return Charge(call);
    case GatewayOperation::kRefund:
      return Refund(call);
    case GatewayOperation::kCancel:
      return Cancel(call);
    case GatewayOperation::kLookup:
      break;
  }
  const ChargeRecord* record = Find(call.key);
  return {record != nullptr ? FromRecord(*record, now_) : GatewayOutcome{Kind::kNotFound, "", ""}};
}

Answer Batch::Charge(const ProviderCall& call) {
  const ChargeRecord* known = Find(call.key);
  if (known == nullptr || known->state == State::kNothing) return FirstCharge(call);
  if (known->state == State::kVoided) return {FromRecord(*known, now_)};
  if (known->amount_minor != call.amount_minor || known->currency != call.currency) {
    return {Declined(participant::kKeyReused)};
  }
  if (!IsUnderWay(*known)) return {FromRecord(*known, now_)};
  return {Captured(*known), known->effective_time - now_, /*by_record=*/true};
}

Answer Batch::FirstCharge(const ProviderCall& call) {
  using TokenKind = TokenBehaviour::Kind;
  const TokenBehaviour& behaviour = call.behaviour;
  ChargeRecord& record = Record(call.key);
  const bool fails = (behaviour.kind == TokenKind::kFlaky && record.attempts < behaviour.number) ||
                     (behaviour.kind == TokenKind::kTimeoutNotCharged && record.attempts == 0);
  if (fails) {
    ++record.attempts;
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
  record.effective_time = now_ + work;
  record.refund_failures = behaviour.refund_failures;
  record.refund_refused = behaviour.refund_refused;
  if (behaviour.kind == TokenKind::kTimeoutCharged) return {{}, kCallDeadline};
  if (work > absl::ZeroDuration()) return {Captured(record), work, /*by_record=*/true};
  return {FromRecord(record, now_)};
}

// A charge has as many refunds as one likes, until nothing of it is left.
Answer Batch::Refund(const ProviderCall& call) {
  const ChargeRecord* known = Find(call.key);
  if (known == nullptr) return {GatewayOutcome{Kind::kNotFound, "", ""}};
  if (const RefundRecord* before = rows_.Find(kRefunds, call.refund_key)) {
    const bool same = before->charge_key == call.key && before->amount_minor == call.amount_minor &&
                      known->currency == call.currency;
    return {same ? Refunded(*known) : Declined(participant::kKeyReused)};
  }
  if (known->state != State::kCaptured || known->currency != call.currency ||
      call.amount_minor <= 0) {
    return {Declined("NOTHING_TO_REFUND")};
  }
  if (call.amount_minor > known->amount_minor - known->refunded_minor) {
    return {Declined(kRefundExceedsCharge)};
  }
  if (known->refund_refused) return {Declined(kRefundRefused)};
  ChargeRecord& record = Record(call.key);
  if (record.refund_failures > 0) {
    --record.refund_failures;
    return {};
  }
  rows_.Insert(kRefunds, {call.refund_key, call.key, call.amount_minor});
  record.refunded_minor += call.amount_minor;
  if (record.refunded_minor == record.amount_minor) {
    record.state = State::kRefunded;
    memory_.changed.emplace_back(call.key, Refunded(record));
  }
  return {Refunded(record)};
}

Answer Batch::Cancel(const ProviderCall& call) {
  const ChargeRecord* known = Find(call.key);
  if (known != nullptr && known->state != State::kNothing && !IsUnderWay(*known)) {
    return {FromRecord(*known, now_)};
  }
  ChargeRecord& record = Record(call.key);
  record.state = State::kVoided;
  memory_.changed.emplace_back(call.key, FromRecord(record, now_));
  return {FromRecord(record, now_)};
}

}  // namespace

void SimulatedLogic::Want(std::span<const In> inputs, int round, store::Rows& rows) const {
  if (round > 0) return;
  for (const ProviderCall& call : inputs) {
    if (call.lost) continue;
    rows.Want(kCharges, call.key);
    if (call.operation == GatewayOperation::kRefund) rows.Want(kRefunds, call.refund_key);
  }
}

void SimulatedLogic::Decide(std::span<const In> inputs, store::Rows& rows, const Tick& tick,
                            Plan<ProviderIo>& plan) const {
  ProviderIo::Memory& memory = plan.memory;
  memory.last_ticket = last_ticket_;
  due_.ForEachDue(tick.now, [&](Mono, Ticket ticket) {
    plan.ReplyLate(ticket, late_.at(ticket).outcome);
    memory.answered.push_back(ticket);
    return true;
  });
  Batch batch(rows, tick.wall, memory);
  for (size_t i = 0; i < inputs.size(); ++i) {
    Answer answer = batch.Decide(inputs[i]);
    const absl::Duration delay = std::max(latency_, answer.after);
    if (delay <= absl::ZeroDuration()) {
      plan.Reply(i, std::move(answer.outcome));
      continue;
    }
    plan.Park(i, ++memory.last_ticket);
    memory.late.emplace_back(
        memory.last_ticket,
        LateOutcome{tick.now + delay, inputs[i].key, std::move(answer.outcome), answer.by_record});
  }
}

void SimulatedLogic::Remember(ProviderIo::Memory&& memory) {
  last_ticket_ = memory.last_ticket;
  for (const Ticket ticket : memory.answered) {
    const auto it = late_.find(ticket);
    due_.Remove(it->second.due, ticket);
    late_.erase(it);
  }
  for (auto& [ticket, late] : memory.late) {
    due_.Add(late.due, ticket);
    late_.emplace(ticket, std::move(late));
  }
  // This is rare: a charge that is cancelled or refunded was usually answered long ago.
  for (const auto& [key, outcome] : memory.changed) {
    for (auto& [ticket, late] : late_) {
      if (late.by_record && late.key == key) late.outcome = outcome;
    }
  }
}

}  // namespace seatsaga::payment
