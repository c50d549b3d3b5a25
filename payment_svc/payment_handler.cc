#include "payment_svc/payment_handler.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace seatsaga::payment {

using saga::v1::DIRECTION_COMPENSATION;
using saga::v1::OUTCOME_IN_PROGRESS;

PaymentHandler::PaymentHandler(PaymentStore& store, Barrier& barrier, Provider& provider,
                               PaymentLimits limits)
    : store_(store),
      barrier_(barrier),
      provider_(provider),
      limits_(limits),
      calls_(limits.long_poll),
      asks_(limits.asks_max) {}

absl::Status PaymentHandler::Load(absl::Time now, AfterCommit& after) {
  touched_.clear();
  transfers_.clear();
  calls_.Clear();
  entries_.clear();
  asks_.Clear();
  ++generation_;
  barrier_.Reload();
  for (Payment& payment : store_.LoadLive()) {
    const bool parked = payment.reason == kRefundRefused;
    Entry& entry = Remember(std::move(payment), /*stored=*/true);
    entry.look_first = true;
    if (!parked) ScheduleAsk(entry, now);
  }
  SendAsks(now, after);
  WriteBatch();
  return absl::OkStatus();
}

void PaymentHandler::Apply(std::vector<PaymentInput>& batch, absl::Time now, AfterCommit& after) {
  LoadBatch(batch);
  for (PaymentInput& input : batch) {
    std::visit([&](auto& given) { Handle(given, now, after); }, input);
  }
  calls_.Expire(now, after);
  SendAsks(now, after);
  barrier_.Flush();
  WriteBatch();
}

absl::Time PaymentHandler::NextWake() const { return std::min(asks_.NextDue(), calls_.NextDue()); }

// Answers of the provider need no loading: they concern live payments, which are all in memory.
void PaymentHandler::LoadBatch(const std::vector<PaymentInput>& batch) {
  std::vector<BarrierCommand> keys;
  std::vector<Id> unknown;
  for (const PaymentInput& input : batch) {
    const auto* call = std::get_if<ExecuteCommands>(&input);
    if (call == nullptr) continue;
    for (const PaymentCommand& command : call->commands) {
      const Id& id = command.key.saga_id;
      keys.push_back({id, command.key.step, command.key.direction, {}, 0});
      if (Find(id) == nullptr) unknown.push_back(id);
    }
  }
  std::sort(unknown.begin(), unknown.end());
  unknown.erase(std::unique(unknown.begin(), unknown.end()), unknown.end());
  barrier_.Load(keys);
  for (Payment& payment : store_.Load(unknown)) Remember(std::move(payment), /*stored=*/true);
}

PaymentHandler::Entry& PaymentHandler::Remember(Payment payment, bool stored) {
  const Id id = payment.id;
  auto& slot = entries_[id];
  slot = std::make_unique<Entry>();
  slot->payment = std::move(payment);
  slot->stored = stored;
  slot->touched = true;
  touched_.push_back(slot.get());
  return *slot;
}

PaymentHandler::Entry* PaymentHandler::Find(const Id& id) {
  const auto it = entries_.find(id);
  return it == entries_.end() ? nullptr : it->second.get();
}

void PaymentHandler::Change(Entry& entry) {
  entry.changed = true;
  if (!std::exchange(entry.touched, true)) touched_.push_back(&entry);
}

void PaymentHandler::Handle(ExecuteCommands& input, absl::Time now, AfterCommit& after) {
  auto call = std::make_shared<WaitingCall>();
  call->results = std::move(input.results);
  call->reply = std::move(input.reply);
  call->undone = 1;  // held until every command has been looked at
  for (PaymentCommand& command : input.commands) {
    CommandResult result = Decide(command, now, after);
    if (result.outcome() == OUTCOME_IN_PROGRESS) {
      ++call->undone;
      Attach(*Find(command.key.saga_id), Waiter{call, command.kind, command.index});
    }
    call->results[command.index] = std::move(result);
  }
  --call->undone;
  calls_.Add(std::move(call), now, after);
}

// IN_PROGRESS is only ever said of a payment in memory.
CommandResult PaymentHandler::Decide(PaymentCommand& command, absl::Time now, AfterCommit& after) {
  if (command.kind == CommandKind::kProbe) return Probe(command, now);
  const auto recorded = barrier_.Admit(command.key);
  if (!recorded) {
    return command.kind == CommandKind::kCharge ? Charge(command, now)
                                                : Refund(command, now, after);
  }
  if (recorded->outcome() != OUTCOME_IN_PROGRESS) return *recorded;
  Entry* entry = Find(command.key.saga_id);
  if (entry == nullptr) {  // it could not be read, and for that reason this batch will not commit
    return WithReason(saga::v1::OUTCOME_UNKNOWN, "UNAVAILABLE", "the payment could not be read");
  }
  if (command.kind == CommandKind::kCharge) return ChargeResult(entry->payment);
  return ReplayRefund(*entry, now);
}

CommandResult PaymentHandler::Charge(PaymentCommand& command, absl::Time now) {
  if (entries_.size() >= limits_.live_max) {
    return WithReason(saga::v1::OUTCOME_UNKNOWN, "OVERLOADED",
                      "too many payments wait for the provider; ask again later");
  }
  if (Find(command.key.saga_id) != nullptr) {
    const CommandResult refused =
        Refused(kPaymentExists, "another step of this saga has charged; a saga has one payment");
    barrier_.Record(command.key, refused);
    return refused;
  }
  const bool free = command.amount_minor == 0;
  Payment payment;
  payment.id = command.key.saga_id;
  payment.step = command.key.step;
  payment.state = free ? v1::PAYMENT_STATE_CAPTURED : v1::PAYMENT_STATE_PENDING;
  payment.amount_minor = command.amount_minor;
  payment.currency = std::move(command.currency);
  if (!free) payment.sealed_token = std::move(command.sealed_token);
  payment.create_time = payment.update_time = now;
  Entry& entry = Remember(std::move(payment), /*stored=*/false);
  entry.changed = true;
  if (!free) ScheduleAsk(entry, now);
  barrier_.Record(command.key, InProgress());
  return ChargeResult(entry.payment);
}

CommandResult PaymentHandler::Refund(const PaymentCommand& command, absl::Time now,
                                     AfterCommit& after) {
  Entry* entry = Find(command.key.saga_id);
  if (entry == nullptr || entry->payment.step != command.key.step) {  // its charge had no effect
    barrier_.Record(command.key, Succeeded());
    return Succeeded();
  }
  const PaymentState before = entry->payment.state;
  if (BeginRefund(entry->payment, now)) {
    // A charge may be under way: from here on its answer counts for nothing, because the provider
    // takes Cancel after it and then says what became of it.
    entry->ask_id = 0;
    entry->unknown_count = 0;
    ScheduleAsk(*entry, now);
  }
  if (entry->payment.state != before) {
    Change(*entry);
    NotifyWaiters(*entry, after);
  }
  CommandResult result = RefundResult(entry->payment);
  barrier_.Record(command.key, result);
  return result;
}

// Asking again after a refused refund is what an operator's retry is for.
CommandResult PaymentHandler::ReplayRefund(Entry& entry, absl::Time now) {
  if (IsLive(entry.payment.state) && entry.payment.reason == kRefundRefused) {
    entry.payment.reason.clear();
    entry.payment.update_time = now;
    Change(entry);
    ScheduleAsk(entry, now);
  }
  return RefundResult(entry.payment);
}

CommandResult PaymentHandler::Probe(const PaymentCommand& command, absl::Time now) {
  if (auto stale = barrier_.CheckToken(command.key.fencing_token)) return *stale;
  Entry* entry = Find(command.key.saga_id);
  if (entry == nullptr || entry->payment.step != command.key.step) {
    if (barrier_.Recorded(command.key.saga_id, command.key.step, DIRECTION_COMPENSATION)) {
      return Refused(kLateAction, "the step was compensated before its action arrived");
    }
    return WithReason(saga::v1::OUTCOME_NOT_FOUND, "", "no charge with this key has arrived");
  }
  const bool pending = entry->payment.state == v1::PAYMENT_STATE_PENDING;
  if (pending && entry->ask_id == 0 && entry->ask_at > now) ScheduleAsk(*entry, now);
  return ChargeResult(entry->payment);
}

// Callers that were answered IN_PROGRESS meanwhile make room.
void PaymentHandler::Attach(Entry& entry, Waiter waiter) {
  std::erase_if(entry.waiters, [](const Waiter& other) { return other.call->answered(); });
  entry.waiters.push_back(std::move(waiter));
}

void PaymentHandler::NotifyWaiters(Entry& entry, AfterCommit& after) {
  std::erase_if(entry.waiters, [&](const Waiter& waiter) {
    CommandResult result = waiter.kind == CommandKind::kRefund ? RefundResult(entry.payment)
                                                               : ChargeResult(entry.payment);
    if (result.outcome() == OUTCOME_IN_PROGRESS) return false;
    WaitingCalls::Finish(waiter, std::move(result), after);
    return true;
  });
}

void PaymentHandler::WriteBatch() {
  std::vector<const Payment*> added;
  std::vector<const Payment*> changed;
  for (Entry* entry : touched_) {
    if (!entry->changed) continue;
    (entry->stored ? changed : added).push_back(&entry->payment);
  }
  store_.Write(added, changed, transfers_);
  transfers_.clear();
  for (Entry* entry : touched_) {
    entry->stored = true;
    entry->touched = entry->changed = false;
    if (!IsLive(entry->payment.state)) {
      const Id id = entry->payment.id;
      entries_.erase(id);
    }
  }
  touched_.clear();
}

}  // namespace seatsaga::payment
