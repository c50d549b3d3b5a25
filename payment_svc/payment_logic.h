#pragma once

#include <span>

#include "common/node/logic.h"
#include "common/participant/fencing.h"
#include "payment_svc/payment_batch.h"
#include "payment_svc/payment_io.h"

namespace seatsaga::payment {

// Charges and refunds. A command first becomes a durable intent: a barrier row and a PENDING or
// REFUNDING payment, in one transaction. Only then is the request sent to the provider. The answer
// is a later input; it is durable, with its ledger row, before any caller hears of it. Requests
// that a crash cuts off are sent again after Load, with the same idempotency keys.
//
// If the provider decides a command's outcome, the command's barrier row holds IN_PROGRESS as long
// as the payment itself tells the outcome. A replay is then answered from the payment.
class PaymentLogic final : public Logic<PaymentIo> {
 public:
  // `shared`: whether other lanes write to the store too.
  explicit PaymentLogic(bool shared, PaymentLimits limits = {})
      : shared_(shared), limits_(limits) {}

  void Want(std::span<const In> inputs, int round, store::Rows& rows) const override;
  void Decide(std::span<const In> inputs, store::Rows& rows, const Tick& tick,
              Plan<PaymentIo>& plan) const override;
  void Remember(PaymentIo::Memory&& memory) override;
  absl::Status Load(store::Snapshot& snapshot, const Tick& tick, Plan<PaymentIo>& plan) override;
  Mono NextWake() const override;
  // Answers every waiting call with what is known.
  void Close(Plan<PaymentIo>& plan) const override;

 private:
  // Unless it is in memory, and nobody else can have changed it.
  void WantPayment(const Id& id, store::Rows& rows) const;

  const bool shared_;
  const PaymentLimits limits_;
  participant::Fencing fencing_;
  PaymentMemory memory_;
};

}  // namespace seatsaga::payment
