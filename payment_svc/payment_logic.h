#pragma once

#include <span>

#include "common/node/logic.h"
#include "common/participant/fencing.h"
#include "payment_svc/payment_batch.h"
#include "payment_svc/payment_io.h"

namespace seatsaga::payment {

// Charges and refunds. A command first becomes a durable intent (barrier row and PENDING or
// REFUNDING payment in one transaction); only then is the provider asked; its answer is the next
// input, and is durable, with its ledger row, before any caller hears of it. Whatever a crash cuts
// off is asked again after Load, with the same idempotency keys.
//
// The barrier row of a command whose outcome the provider decides holds IN_PROGRESS as long as the
// payment itself tells the outcome; a replay of it is answered from the payment.
class PaymentLogic final : public Logic<PaymentIo> {
 public:
  // `shared`: of its lane.
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
  const bool shared_;
  const PaymentLimits limits_;
  participant::Fencing fencing_;
  PaymentMemory memory_;
};

}  // namespace seatsaga::payment
