#include "payment_svc/payment_logic.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "common/errors.h"

namespace seatsaga::payment {

using participant::Desk;
using participant::Take;

// Live payments are in memory, so the provider's answers need no look-up. But if other replicas
// write to the store too, this one must see their changes to a payment, and its own decision must
// conflict with them. So it looks the rows up, and prefers them to those in memory. (The replicas
// do not agree on which of them sends requests about which payment: each sends them about those
// that it received or loaded. The provider's idempotency makes that safe.)
void PaymentLogic::Want(std::span<const In> inputs, int round, store::Rows& rows) const {
  if (round > 0) return;
  for (const In& input : inputs) {
    if (const auto* call = std::get_if<PaymentCommands>(&input)) {
      for (const PaymentCommand& command : call->commands) {
        Desk::Want(command, shared_, rows);
        if (command.rejected) continue;
        if (command.body.kind != CommandKind::kPayBack) WantPayment(command.saga_id, rows);
        for (const Part& part : command.body.parts) WantPayment(part.payment_id, rows);
      }
    } else if (const auto* answer = std::get_if<ProviderAnswer>(&input)) {
      if (shared_) rows.Want(kPayments, answer->payment_id);
    } else {
      Desk::Want(std::get<Take>(input), rows);
    }
  }
}

void PaymentLogic::WantPayment(const Id& id, store::Rows& rows) const {
  if (shared_ || memory_.Find(id) == nullptr) rows.Want(kPayments, id);
}

void PaymentLogic::Decide(std::span<const In> inputs, store::Rows& rows, const Tick& tick,
                          Plan<PaymentIo>& plan) const {
  Desk desk(fencing_, shared_, rows);
  PaymentBatch batch(memory_, limits_, desk, rows, tick, plan);
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (const auto* call = std::get_if<PaymentCommands>(&inputs[i])) {
      batch.Execute(i, *call);
    } else if (const auto* answer = std::get_if<ProviderAnswer>(&inputs[i])) {
      batch.Learn(*answer);
    } else {
      desk.Decide(i, std::get<Take>(inputs[i]), plan);
    }
  }
  batch.Finish();
  plan.memory.taken = desk.TakeChange();
}

void PaymentLogic::Remember(PaymentIo::Memory&& memory) {
  fencing_.Remember(memory.taken);
  memory_.Remember(std::move(memory.payments));
}

absl::Status PaymentLogic::Load(store::Snapshot& snapshot, const Tick& tick,
                                Plan<PaymentIo>& plan) {
  for (const auto& [ticket, call] : memory_.calls()) {
    plan.ReplyLate(ticket, UnavailableError("it is not known what became of the payment; "
                                            "repeat the same request"));
  }
  std::vector<Payment> live;
  snapshot.Visit({.table = &kPayments.info(), .index = kPaymentsLive},
                 [&](const store::RowView& row) {
                   live.push_back(kPayments.Load(row));
                   return true;
                 });
  participant::Fencing fencing;
  fencing.Load(snapshot);
  if (!snapshot.status().ok()) return snapshot.status();
  fencing_ = fencing;
  memory_.Reset();
  for (Payment& payment : live) {
    const bool waits_for_operator = payment.reason == kRefundRefused;
    memory_.AddLive(std::move(payment), waits_for_operator ? Mono::InfiniteFuture() : tick.now);
  }
  return absl::OkStatus();
}

Mono PaymentLogic::NextWake() const {
  const bool may_ask = memory_.counters().asks_under_way < limits_.asks_max;
  return std::min(may_ask ? memory_.asks().NextDue() : Mono::InfiniteFuture(),
                  memory_.polls().NextDue());
}

void PaymentLogic::Close(Plan<PaymentIo>& plan) const {
  for (const auto& [ticket, call] : memory_.calls()) {
    plan.ReplyLate(ticket, Io::Out(call.results));
  }
}

}  // namespace seatsaga::payment
