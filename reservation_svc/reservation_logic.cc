#include "reservation_svc/reservation_logic.h"

#include <algorithm>
#include <concepts>
#include <optional>
#include <utility>

#include "common/errors.h"
#include "common/participant/desk.h"
#include "reservation_svc/reservation_batch.h"
#include "reservation_svc/reservation_details.h"

namespace seatsaga::reservation {
namespace {

using participant::Desk;

// The rows that each kind of input needs.
struct Wanting {
  const ReservationMemory& memory;
  store::Rows& rows;

  void operator()(const Create& create) const {
    rows.WantBy<&Reservation::request_id>(kReservations, create.reservation.request_id);
  }
  void operator()(const participant::Commands<CommandBody>& call) const {
    for (const auto& command : call.commands) {
      Desk::Want(command, memory.shared, rows);
      if (!command.rejected) WantReservation(command.body.reservation_id);
    }
  }
  void operator()(const participant::Take& take) const { Desk::Want(take, rows); }
  void operator()(const KeyedChange& change) const {
    rows.Want(kChangeRequests, change.request_id);
    WantReservation(change.reservation_id);
  }
  void operator()(const Extension& extension) const { WantReservation(extension.reservation_id); }
  void operator()(const ExtendResult& result) const { WantReservation(result.reservation_id); }
  void operator()(const DeliveryResult& /*result*/) const {}

 private:
  void WantReservation(const Id& id) const {
    if (memory.shared || !memory.live.contains(id)) rows.Want(kReservations, id);
  }
};

// Once the reservations are known: the rows in which their users' events are counted.
struct WantingCounts {
  const ReservationMemory& memory;
  store::Rows& rows;

  void operator()(const Create& create) const { UserEventCounts::Want(create.reservation, rows); }
  void operator()(const participant::Commands<CommandBody>& call) const {
    for (const auto& command : call.commands) {
      if (!command.rejected) WantCountOf(command.body.reservation_id);
    }
  }
  void operator()(const KeyedChange& change) const { WantCountOf(change.reservation_id); }
  template <class Other>  // changes no state and no seats
  requires(!std::derived_from<Other, KeyedChange>) void operator()(const Other& /*other*/) const {}

 private:
  void WantCountOf(const Id& id) const {
    const ReservationPtr live = memory.shared ? nullptr : memory.FindLive(id);
    const ReservationRow* row = live == nullptr ? rows.Find(kReservations, id) : live.get();
    if (row != nullptr) UserEventCounts::Want(*row, rows);
  }
};

// Of which the orchestrator has just been told, or need not be.
std::vector<Id> ToldIn(const ReservationIo::Memory& memory) {
  std::vector<Id> told;
  for (const Outbox::Change* change : {&memory.starts, &memory.signals}) {
    for (const auto& [id, entry] : change->entries) {
      if (!entry) told.push_back(id);
    }
  }
  for (const ReservationPtr& written : memory.written) told.push_back(written->id);
  return told;
}

}  // namespace

ReservationLogic::ReservationLogic(const ReservationLimits& limits, bool shared)
    : limits_(limits),
      memory_{.shared = shared,
              .starts = Outbox(limits.outbox),
              .signals = Outbox(limits.outbox),
              .ranges = IdRanges(limits.rows_per_range)} {}

void ReservationLogic::Want(std::span<const In> inputs, int round, store::Rows& rows) const {
  if (round == 0) {
    const Wanting wanting{memory_, rows};
    for (const In& input : inputs) std::visit(wanting, input);
  } else if (round == 1 && limits_.user_event.any()) {
    const WantingCounts wanting{memory_, rows};
    for (const In& input : inputs) std::visit(wanting, input);
  }
}

void ReservationLogic::Decide(std::span<const In> inputs, store::Rows& rows, const Tick& tick,
                              Plan<Io>& plan) const {
  ReservationBatch batch(memory_, limits_, rows, tick, plan);
  for (size_t i = 0; i < inputs.size(); ++i) {
    std::visit([&](const auto& input) { batch.Decide(i, input); }, inputs[i]);
  }
  batch.Finish();
}

void ReservationLogic::Remember(Io::Memory&& memory) {
  std::vector<Id> told;
  if (memory_.shared) told = ToldIn(memory);
  for (ReservationPtr& written : memory.written) {
    const Id& id = written->id;
    if (IsLive(written->state)) {
      memory_.live[id] = std::move(written);
    } else {
      memory_.live.erase(id);
      memory_.waiters.Remove(id);
    }
  }
  memory_.waiters.TakeDue(memory.waits_ended);
  for (Waiter& waiter : memory.waiting) memory_.waiters.Add(std::move(waiter));
  memory_.extending.insert(memory.extending.begin(), memory.extending.end());
  for (const Ticket ticket : memory.extended) memory_.extending.erase(ticket);
  memory_.last_ticket = memory.last_ticket;
  memory_.starts.Remember(std::move(memory.starts));
  memory_.signals.Remember(std::move(memory.signals));
  for (const Id& id : told) {
    if (!memory_.starts.Has(id) && !memory_.signals.Has(id)) memory_.live.erase(id);
  }
  memory_.ranges.Remember(memory.ranges);
  memory_.fencing.Remember(memory.fencing);
}

absl::Status ReservationLogic::Load(store::Snapshot& snapshot, const Tick& tick, Plan<Io>& plan) {
  AnswerWaiting(tick, plan);
  memory_.fencing.Load(snapshot);
  if (!memory_.shared) memory_.ranges.Load(snapshot);
  memory_.live.clear();
  memory_.starts.Clear();
  memory_.signals.Clear();
  snapshot.Visit(store::Scan{.table = &kReservations.info(), .index = kLiveById},
                 [&](const store::RowView& row) {
                   auto live =
                       std::make_shared<const Reservation>(FromRow(kReservations.Load(row)));
                   if (NeedsStart(*live)) memory_.starts.Add(live->id, tick.now);
                   if (NeedsSignal(*live)) memory_.signals.Add(live->id, tick.now);
                   memory_.live[live->id] = std::move(live);
                   return true;
                 });
  return LoadWaiters(snapshot, plan);
}

// Answers even if the store does not work: what waiters have seen is durable, and nothing else
// would answer them. The result of an extension may have been lost with a batch.
void ReservationLogic::AnswerWaiting(const Tick& tick, Plan<Io>& plan) {
  for (const Waiter& waiter : memory_.waiters.TakeDue(tick.now)) {
    plan.ReplyLate(waiter.ticket, memory_.Present(waiter));
  }
  for (const Ticket ticket : memory_.extending) {
    plan.ReplyLate(ticket, UnavailableError("it is not known whether the hold was extended; "
                                            "repeat the request"));
  }
  memory_.extending.clear();
}

// A commit that ended in doubt may have brought a reservation to rest.
absl::Status ReservationLogic::LoadWaiters(store::Snapshot& snapshot, Plan<Io>& plan) {
  std::vector<std::pair<Ticket, std::optional<ReservationRow>>> ended;
  std::vector<Waiter> waiting;
  memory_.waiters.ForEachDue(Mono::InfiniteFuture(), [&](const Waiter& waiter) {
    if (auto live = memory_.FindLive(waiter.seen->id)) {
      waiting.push_back({waiter.ticket, waiter.until, std::move(live)});
    } else {
      ended.emplace_back(waiter.ticket, snapshot.Find(kReservations, waiter.seen->id));
    }
  });
  if (!snapshot.status().ok()) return snapshot.status();
  for (auto& [ticket, reservation] : ended) {
    if (reservation) {
      plan.ReplyLate(ticket, std::make_shared<const Reservation>(FromRow(*std::move(reservation))));
    } else {
      plan.ReplyLate(ticket, UnavailableError("the reservation is gone; repeat the same request"));
    }
  }
  memory_.waiters = Waiters();
  for (Waiter& waiter : waiting) memory_.waiters.Add(std::move(waiter));
  return absl::OkStatus();
}

Mono ReservationLogic::NextWake() const {
  return std::min(
      {memory_.starts.NextWake(), memory_.signals.NextWake(), memory_.waiters.NextDue()});
}

void ReservationLogic::Close(Plan<Io>& plan) const {
  memory_.waiters.ForEachDue(Mono::InfiniteFuture(), [&](const Waiter& waiter) {
    plan.ReplyLate(waiter.ticket, memory_.Present(waiter));
  });
}

}  // namespace seatsaga::reservation
