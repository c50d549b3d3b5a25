#pragma once

#include <span>

#include "common/node/logic.h"
#include "reservation_svc/reservation_memory.h"

namespace seatsaga::reservation {

// Everything that can happen to reservations, batch by batch: clients make, pay for and cancel
// them, the orchestrator holds, confirms or cancels them, and the outbox learns what the
// orchestrator was told. A replica: it remembers only what is durable.
class ReservationLogic final : public Logic<ReservationIo> {
 public:
  // `shared`: whether other lanes write to the store too.
  ReservationLogic(const ReservationLimits& limits, bool shared);

  void Want(std::span<const In> inputs, int round, store::Rows& rows) const override;
  void Decide(std::span<const In> inputs, store::Rows& rows, const Tick& tick,
              Plan<Io>& plan) const override;
  void Remember(Io::Memory&& memory) override;
  absl::Status Load(store::Snapshot& snapshot, const Tick& tick, Plan<Io>& plan) override;
  Mono NextWake() const override;
  void Close(Plan<Io>& plan) const override;

 private:
  void AnswerWaiting(const Tick& tick, Plan<Io>& plan);
  absl::Status LoadWaiters(store::Snapshot& snapshot, Plan<Io>& plan);

  const ReservationLimits limits_;
  ReservationMemory memory_;
};

}  // namespace seatsaga::reservation
