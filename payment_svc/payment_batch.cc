#include "payment_svc/payment_batch.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "common/text.h"

namespace seatsaga::payment {
namespace {

using participant::BarrierRow;
using participant::kBarrier;
using participant::OutcomeOf;
using saga::v1::DIRECTION_ACTION;
using saga::v1::OUTCOME_IN_PROGRESS;

// The columns that change during a round.
constexpr store::ColumnMask kProgress =
    kPayments.Mask<&Payment::state, &Payment::captured, &Payment::reason,
                   &Payment::provider_reference, &Payment::sealed_token, &Payment::update_time>();
// Those that refunds change.
constexpr store::ColumnMask kRefunds =
    kPayments.Mask<&Payment::last_saga_id, &Payment::refund_no, &Payment::refunded_minor,
                   &Payment::kept_minor>();

Payment NewPayment(const PaymentCommand& command, absl::Time now) {
  const bool free = command.body.amount_minor == 0;
  Payment payment;
  payment.id = payment.last_saga_id = command.saga_id;
  payment.reservation_id = command.body.reservation_id;
  payment.step = command.step;
  payment.round = command.round;
  payment.amount_minor = command.body.amount_minor;
  payment.currency = command.body.currency;
  payment.state = free ? v1::PAYMENT_STATE_CAPTURED : v1::PAYMENT_STATE_PENDING;
  if (!free) payment.sealed_token = command.body.sealed_token;
  payment.create_time = payment.update_time = now;
  return payment;
}

}  // namespace

PaymentBatch::PaymentBatch(const PaymentMemory& memory, const PaymentLimits& limits,
                           participant::Desk& desk, store::Rows& rows, const Tick& tick,
                           Plan<PaymentIo>& plan)
    : memory_(memory),
      limits_(limits),
      desk_(desk),
      rows_(rows),
      tick_(tick),
      plan_(plan),
      change_(plan.memory.payments),
      chance_(tick.random),
      live_count_(memory.live_count()) {
  change_.counters = memory.counters();
}

PaymentBatch::Draft* PaymentBatch::Find(const Id& id) {
  if (const auto it = change_.payments.find(id); it != change_.payments.end()) return &it->second;
  const LivePayment* live = memory_.Find(id);
  const Payment* row = rows_.Find(kPayments, id);
  if (live == nullptr && row == nullptr) return nullptr;
  Draft& draft = Add(id);
  draft.stored = true;
  if (live != nullptr) *draft.live = *live;
  if (row != nullptr) draft.live->payment = *row;
  return &draft;
}

PaymentBatch::Draft& PaymentBatch::Add(const Id& id) {
  Draft& draft = change_.payments[id];
  draft.live = std::make_unique<LivePayment>();
  return draft;
}

void PaymentBatch::Changed(Draft& draft, PaymentState before) {
  draft.changed |= kProgress;
  if (before == v1::PAYMENT_STATE_REFUNDING) draft.changed |= kRefunds;
  if (IsLive(before)) --live_count_;
  if (IsLive(draft.live->payment.state)) ++live_count_;
}

void PaymentBatch::Execute(size_t input, const PaymentCommands& call) {
  const Ticket ticket = ++change_.counters.last_ticket;
  WaitingCall& waiting = change_.calls[ticket];
  new_calls_.emplace_back(input, ticket);
  waiting.results.resize(call.commands.size());
  waiting.due = tick_.now + limits_.long_poll;
  for (size_t i = 0; i < call.commands.size(); ++i) {
    const PaymentCommand& command = call.commands[i];
    CommandResult result = Execute(command);
    if (result.outcome() == OUTCOME_IN_PROGRESS) {
      ++waiting.open;
      Attach(command, ticket, i);
    }
    waiting.results[i] = std::move(result);
  }
}

// Only a live payment is ever answered IN_PROGRESS.
CommandResult PaymentBatch::Execute(const PaymentCommand& command) {
  if (command.body.kind == CommandKind::kProbe) return Probe(command);
  // Of another saga's payment, what is to be paid back does not depend on this saga's action.
  const bool of_others = absl::c_any_of(
      command.body.parts, [&](const Part& part) { return part.payment_id != command.saga_id; });
  const auto action = of_others ? participant::ActionIs::kOwnAct : participant::ActionIs::kCommand;
  if (const auto recorded = desk_.Admit(command, action)) {
    return recorded->outcome() == OUTCOME_IN_PROGRESS ? Replay(command) : *recorded;
  }
  switch (command.body.kind) {
    case CommandKind::kCharge:
      return Charge(command);
    case CommandKind::kRefund:
      return Refund(command);
    case CommandKind::kPayBack:
      return PayBack(command);
    case CommandKind::kProbe:
      break;  // above
  }
  return {};
}

CommandResult PaymentBatch::Charge(const PaymentCommand& command) {
  if (live_count_ >= limits_.live_max) {
    return WithReason(saga::v1::OUTCOME_UNKNOWN, "OVERLOADED",
                      "too many payments wait for the provider; send the command again later");
  }
  if (command.body.amount_minor > 0 && command.body.sealed_token.empty()) {
    const CommandResult refused = Refused(
        kTokenRequired, Cat(command.body.amount_minor, " minor units of ", command.body.currency,
                            " are to be charged, but there is no payment token; make a new "
                            "request with one"));
    desk_.Record(command, refused);
    return refused;
  }
  Draft* draft = Find(command.saga_id);
  if (draft != nullptr && !StartsAnew(draft->live->payment, command.step, command.round)) {
    const CommandResult refused = AlreadyCharged(draft->live->payment, command.step);
    desk_.Record(command, refused);
    return refused;
  }
  PaymentState before = v1::PAYMENT_STATE_UNSPECIFIED;
  int32_t refund_no = 0;
  if (draft == nullptr) {
    draft = &Add(command.saga_id);
  } else {
    before = draft->live->payment.state;
    refund_no = draft->live->payment.refund_no;
    EndRound(draft->live->payment);
  }
  LivePayment& live = *draft->live;
  live = {.payment = NewPayment(command, tick_.wall)};
  live.payment.refund_no = refund_no;  // in the keys of refunds
  if (IsLive(live.payment.state)) live.ask_at = tick_.now;
  Changed(*draft, before);
  draft->changed = kPayments.info().AllFields();
  desk_.Record(command, InProgress());
  return ChargeResult(live.payment);
}

// Barrier rows of a charge and its refund keep IN_PROGRESS, because the payment tells what became
// of them. Before a new round reuses the payment, the outcome must be written into those rows.
void PaymentBatch::EndRound(const Payment& payment) {
  std::vector<const BarrierRow*> open;
  rows_.ForEach(
      kBarrier,
      [&](const BarrierRow& row) {
        if (OutcomeOf(row).outcome() == OUTCOME_IN_PROGRESS) open.push_back(&row);
      },
      payment.id, payment.step);
  for (const BarrierRow* row : open) {
    const CommandResult result =
        row->direction == DIRECTION_ACTION ? ChargeResult(payment) : RefundResult(payment);
    rows_.Update(kBarrier, *row, kBarrier.Mask<&BarrierRow::outcome>()).outcome =
        result.SerializeAsString();
  }
}

CommandResult PaymentBatch::Refund(const PaymentCommand& command) {
  Draft* draft = Find(command.saga_id);
  if (draft == nullptr || draft->live->payment.step != command.step ||
      draft->live->payment.round > command.round) {  // nothing of its charge is left
    desk_.Record(command, Succeeded());
    return Succeeded();
  }
  // A refund by an earlier round's compensation may be under way.
  if (draft->live->payment.state != v1::PAYMENT_STATE_REFUNDING) {
    Undo(*draft, LeftMinor(draft->live->payment), command.saga_id);
  }
  CommandResult result = RefundResult(draft->live->payment);
  desk_.Record(command, result);
  return result;
}

void PaymentBatch::Undo(Draft& draft, int64_t amount_minor, const Id& saga_id) {
  LivePayment& live = *draft.live;
  const PaymentState before = live.payment.state;
  if (BeginRefund(live.payment, amount_minor, tick_.wall)) {
    // A charge may be under way. Its answer is ignored from now on, because the provider takes the
    // Cancel after it and then says what became of the charge.
    live.ask_id = 0;
    live.unknown_count = 0;
    live.ask_at = tick_.now;
  }
  if (live.payment.state == before) return;
  live.payment.last_saga_id = saga_id;
  Changed(draft, before);
  draft.changed |= kRefunds;
  NotifyWaiters(live);
}

// All of it or nothing.
CommandResult PaymentBatch::PayBack(const PaymentCommand& command) {
  if (auto no = CheckPayBack(command)) {
    if (no->outcome() == saga::v1::OUTCOME_REFUSED) desk_.Record(command, *no);
    return *std::move(no);
  }
  for (const Part& part : command.body.parts) {
    if (IsNull(command, part)) continue;
    Undo(*Find(part.payment_id), part.amount_minor, command.saga_id);
  }
  CommandResult result = PayBackResult(command);
  desk_.Record(command, result);
  return result;
}

// A compensation has nothing to pay back of a charge of its own that had no effect.
bool PaymentBatch::IsNull(const PaymentCommand& command, const Part& part) {
  if (command.direction != saga::v1::DIRECTION_COMPENSATION || part.payment_id != command.saga_id) {
    return false;
  }
  const Draft* draft = Find(part.payment_id);
  if (draft == nullptr) return true;
  const Payment& payment = draft->live->payment;
  return payment.step != command.step || payment.round > command.round ||
         payment.state == v1::PAYMENT_STATE_DECLINED ||
         payment.state == v1::PAYMENT_STATE_CANCELLED;
}

std::optional<CommandResult> PaymentBatch::CheckPayBack(const PaymentCommand& command) {
  for (const Part& part : command.body.parts) {
    if (IsNull(command, part)) continue;
    const Draft* draft = Find(part.payment_id);
    if (draft == nullptr || draft->live->payment.reservation_id != command.body.reservation_id) {
      return Refused(kPaymentNotFound,
                     Cat("the reservation has no payment ", part.payment_id.ToString()));
    }
    const Payment& payment = draft->live->payment;
    if (payment.state == v1::PAYMENT_STATE_REFUNDING) {
      return WithReason(saga::v1::OUTCOME_UNKNOWN, "PAYMENT_BUSY",
                        "another refund of the payment is under way; send the command again later");
    }
    if (auto refused = RefuseRefund(payment, part.amount_minor, part.currency)) return refused;
  }
  return std::nullopt;
}

// A refund of another saga began only after this one had been settled.
CommandResult PaymentBatch::PayBackResult(const PaymentCommand& command) {
  CommandResult result = PaidBack(command);
  for (const Part& part : command.body.parts) {
    if (IsNull(command, part)) continue;
    const Draft* draft = Find(part.payment_id);
    if (draft == nullptr) {  // it could not be read, so this batch will not commit
      return WithReason(saga::v1::OUTCOME_UNKNOWN, "UNAVAILABLE", "the payment could not be read");
    }
    if (draft->live->payment.last_saga_id == command.saga_id) {
      CommandResult one = RefundResult(draft->live->payment);
      if (one.outcome() == saga::v1::OUTCOME_REFUSED) return one;
      if (one.outcome() == OUTCOME_IN_PROGRESS) result = std::move(one);
    }
  }
  return result;
}

CommandResult PaymentBatch::PaidBack(const PaymentCommand& command) {
  const std::vector<Part>& parts = command.body.parts;
  if (parts.empty()) return Succeeded();
  int64_t sum_minor = 0;
  for (const Part& part : parts) sum_minor += IsNull(command, part) ? 0 : part.amount_minor;
  return Succeeded(sum_minor, parts.front().currency);
}

// If the provider decides the outcome, a replay is answered from the payment.
CommandResult PaymentBatch::Replay(const PaymentCommand& command) {
  if (command.body.kind == CommandKind::kPayBack) {
    for (const Part& part : command.body.parts) {
      if (Draft* draft = Find(part.payment_id)) AskAgainIfRefused(*draft);
    }
    return PayBackResult(command);
  }
  Draft* draft = Find(command.saga_id);
  if (draft == nullptr) {  // it could not be read, so this batch will not commit
    return WithReason(saga::v1::OUTCOME_UNKNOWN, "UNAVAILABLE", "the payment could not be read");
  }
  if (command.body.kind != CommandKind::kRefund) return ChargeResult(draft->live->payment);
  AskAgainIfRefused(*draft);
  return RefundResult(draft->live->payment);
}

// Sends a refused refund again, because that is the purpose of an operator's retry.
void PaymentBatch::AskAgainIfRefused(Draft& draft) {
  LivePayment& live = *draft.live;
  if (!IsLive(live.payment.state) || live.payment.reason != kRefundRefused) return;
  live.payment.reason.clear();
  live.payment.update_time = tick_.wall;
  Changed(draft, live.payment.state);
  live.ask_at = tick_.now;
}

CommandResult PaymentBatch::Probe(const PaymentCommand& command) {
  if (auto no = desk_.AdmitProbe(command)) return *no;
  const BarrierRow* row =
      rows_.Find(kBarrier, command.saga_id, command.step, DIRECTION_ACTION, command.round);
  if (row == nullptr) {
    return WithReason(saga::v1::OUTCOME_NOT_FOUND, "", "no charge with this key has arrived");
  }
  if (CommandResult recorded = OutcomeOf(*row); recorded.outcome() != OUTCOME_IN_PROGRESS) {
    return recorded;
  }
  if (Draft* draft = Find(command.saga_id)) {
    LivePayment& live = *draft->live;
    const bool pending = live.payment.state == v1::PAYMENT_STATE_PENDING;
    if (pending && live.ask_id == 0) live.ask_at = std::min(live.ask_at, tick_.now);
  }
  return Replay(command);
}

void PaymentBatch::WritePayments() {
  for (const auto& [id, draft] : change_.payments) {
    if (draft.changed == 0) continue;
    if (draft.stored) {
      rows_.UpdateBorrowed(kPayments, draft.live->payment, draft.changed);
    } else {
      rows_.InsertBorrowed(kPayments, draft.live->payment);
    }
  }
}

// --- Calls that wait

void PaymentBatch::Attach(const PaymentCommand& command, Ticket ticket, size_t index) {
  if (command.body.kind != CommandKind::kPayBack) {
    return Attach(command.saga_id, {ticket, index, command.body.kind == CommandKind::kRefund});
  }
  PaysBack waits{.done = PaidBack(command)};
  for (const Part& part : command.body.parts) {
    const Draft* draft = Find(part.payment_id);
    if (draft == nullptr || !IsLive(draft->live->payment.state)) continue;
    Attach(part.payment_id, {ticket, index, /*refund=*/true});
    ++waits.open;
  }
  change_.calls[ticket].pays_back.emplace(index, std::move(waits));
}

// Removes those that were answered IN_PROGRESS meanwhile.
void PaymentBatch::Attach(const Id& payment_id, Waiter waiter) {
  auto& waiters = Find(payment_id)->live->waiters;
  const auto answered = [&](const Waiter& other) {
    const auto it = change_.calls.find(other.call);
    if (it != change_.calls.end()) return it->second.open == 0;
    return memory_.FindCall(other.call) == nullptr;
  };
  waiters.erase(std::remove_if(waiters.begin(), waiters.end(), answered), waiters.end());
  waiters.push_back(waiter);
}

void PaymentBatch::NotifyWaiters(LivePayment& live) {
  const auto done = [&](const Waiter& waiter) {
    CommandResult result = waiter.refund ? RefundResult(live.payment) : ChargeResult(live.payment);
    if (result.outcome() == OUTCOME_IN_PROGRESS) return false;
    WaitingCall* call = FindCall(waiter.call);
    if (call == nullptr) return true;
    const auto pays_back = call->pays_back.find(waiter.index);
    if (pays_back != call->pays_back.end()) {
      PaysBack& command = pays_back->second;
      if (command.open == 0) return true;  // another payment's refund was refused
      const bool succeeded = result.outcome() == saga::v1::OUTCOME_SUCCEEDED;
      if (succeeded && --command.open > 0) return true;
      if (succeeded) result = command.done;
      command.open = 0;
    }
    call->results[waiter.index] = std::move(result);
    --call->open;
    // A new call is answered at the end, by its input.
    const bool is_new = waiter.call > memory_.counters().last_ticket;
    if (call->open == 0 && !is_new) AnswerLate(waiter.call, *call);
    return true;
  };
  live.waiters.erase(std::remove_if(live.waiters.begin(), live.waiters.end(), done),
                     live.waiters.end());
}

WaitingCall* PaymentBatch::FindCall(Ticket ticket) {
  const auto it = change_.calls.find(ticket);
  if (it != change_.calls.end()) return it->second.open == 0 ? nullptr : &it->second;
  const WaitingCall* call = memory_.FindCall(ticket);
  return call == nullptr ? nullptr : &change_.calls.emplace(ticket, *call).first->second;
}

void PaymentBatch::AnswerLate(Ticket ticket, WaitingCall& call) {
  plan_.ReplyLate(ticket, PaymentIo::Out(std::move(call.results)));
  call.open = 0;
}

// Answers with what is known; the work goes on.
void PaymentBatch::ExpireCalls() {
  memory_.polls().ForEachDue(tick_.now, [&](Mono, Ticket ticket) {
    if (WaitingCall* call = FindCall(ticket)) AnswerLate(ticket, *call);
    return true;
  });
}

void PaymentBatch::AnswerOrParkNewCalls() {
  for (const auto& [input, ticket] : new_calls_) {
    const auto it = change_.calls.find(ticket);
    WaitingCall& call = it->second;
    if (call.open > 0 && call.due > tick_.now) {
      plan_.Park(input, ticket);
    } else {
      plan_.Reply(input, PaymentIo::Out(std::move(call.results)));
      change_.calls.erase(it);
    }
  }
}

void PaymentBatch::Finish() {
  ExpireCalls();
  AnswerOrParkNewCalls();
  AskProvider();
  WritePayments();
}

}  // namespace seatsaga::payment
