#include "reservation_svc/reservation_logic.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/errors.h"
#include "common/participant/desk.h"
#include "reservation_svc/reservation_batch.h"

namespace seatsaga::reservation {

using participant::Desk;

ReservationLogic::ReservationLogic(const ReservationLimits& limits, bool shared)
    : limits_(limits),
      shared_(shared),
      memory_{.outbox = Outbox(limits.outbox), .ranges = IdRanges(limits.rows_per_range)} {}

void ReservationLogic::Want(std::span<const In> inputs, int round, store::Rows& rows) const {
  if (round > 0) return;
  for (const In& input : inputs) {
    if (const auto* create = std::get_if<Create>(&input)) {
      rows.WantBy<&Reservation::request_id>(kReservations, create->reservation.request_id);
    } else if (const auto* take = std::get_if<participant::Take>(&input)) {
      Desk::Want(*take, rows);
    } else if (const auto* call = std::get_if<participant::Commands<CommandBody>>(&input)) {
      for (const auto& command : call->commands) {
        Desk::Want(command, shared_, rows);
        if (command.rejected || (!shared_ && memory_.pending.contains(command.saga_id))) continue;
        rows.Want(kReservations, command.saga_id);
      }
    }
  }
}

void ReservationLogic::Decide(std::span<const In> inputs, store::Rows& rows, const Tick& tick,
                              Plan<Io>& plan) const {
  ReservationBatch batch(memory_, limits_, shared_, rows, tick, plan);
  for (size_t i = 0; i < inputs.size(); ++i) {
    std::visit([&](const auto& input) { batch.Decide(i, input); }, inputs[i]);
  }
  batch.Finish();
}

void ReservationLogic::Remember(Io::Memory&& memory) {
  for (ReservationPtr& written : memory.written) {
    const Id& id = written->id;
    if (written->state == State::kPending) {
      memory_.pending[id] = std::move(written);
    } else {
      memory_.pending.erase(id);
      memory_.waiters.Remove(id);
    }
  }
  memory_.waiters.TakeDue(memory.waits_ended);
  for (Waiter& waiter : memory.waiting) {
    memory_.last_ticket = waiter.ticket;
    memory_.waiters.Add(std::move(waiter));
  }
  if (shared_) {
    for (const Id& started : memory.outbox.gone) memory_.pending.erase(started);
  }
  memory_.outbox.Remember(std::move(memory.outbox));
  memory_.ranges.Remember(memory.ranges);
  memory_.fencing.Remember(memory.fencing);
}

absl::Status ReservationLogic::Load(store::Snapshot& snapshot, const Tick& tick, Plan<Io>& plan) {
  // Answers them even if the store does not work: what they saw is durable, and nothing else would
  // answer them.
  for (Waiter& waiter : memory_.waiters.TakeDue(tick.now)) {
    plan.ReplyLate(waiter.ticket, std::move(waiter.seen));
  }
  memory_.fencing.Load(snapshot);
  if (!shared_) memory_.ranges.Load(snapshot);
  memory_.pending.clear();
  memory_.outbox.Clear();
  snapshot.Visit(store::Scan{.table = &kReservations.info(), .index = kPendingById},
                 [&](const store::RowView& row) {
                   auto pending = std::make_shared<const Reservation>(kReservations.Load(row));
                   memory_.outbox.Add(pending->id, tick.now);
                   memory_.pending[pending->id] = std::move(pending);
                   return true;
                 });
  return LoadWaiters(snapshot, plan);
}

// A commit that ended in doubt may have made a reservation final.
absl::Status ReservationLogic::LoadWaiters(store::Snapshot& snapshot, Plan<Io>& plan) {
  std::vector<std::pair<Ticket, std::optional<Reservation>>> ended;
  std::vector<Waiter> waiting;
  memory_.waiters.ForEachDue(Mono::InfiniteFuture(), [&](const Waiter& waiter) {
    if (auto pending = memory_.FindPending(waiter.seen->id)) {
      waiting.push_back({waiter.ticket, waiter.until, std::move(pending)});
    } else {
      ended.emplace_back(waiter.ticket, snapshot.Find(kReservations, waiter.seen->id));
    }
  });
  if (!snapshot.status().ok()) return snapshot.status();
  for (auto& [ticket, reservation] : ended) {
    if (reservation) {
      plan.ReplyLate(ticket, std::make_shared<const Reservation>(*std::move(reservation)));
    } else {
      plan.ReplyLate(ticket, UnavailableError("the reservation is gone; repeat the same request"));
    }
  }
  memory_.waiters = Waiters();
  for (Waiter& waiter : waiting) memory_.waiters.Add(std::move(waiter));
  return absl::OkStatus();
}

Mono ReservationLogic::NextWake() const {
  return std::min(memory_.outbox.NextWake(), memory_.waiters.NextDue());
}

void ReservationLogic::Close(Plan<Io>& plan) const {
  memory_.waiters.ForEachDue(Mono::InfiniteFuture(), [&](const Waiter& waiter) {
    plan.ReplyLate(waiter.ticket, waiter.seen);
  });
}

}  // namespace seatsaga::reservation
