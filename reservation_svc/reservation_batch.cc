#include "reservation_svc/reservation_batch.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "common/errors.h"
#include "common/log.h"
#include "reservation_svc/reservation_details.h"
#include "reservation_svc/reservation_errors.h"

namespace seatsaga::reservation {
namespace {

using participant::ActionIs;
using participant::Command;
using participant::Commands;

using Table = decltype(kReservations);

// What becomes of a reservation after its creation.
constexpr store::ColumnMask kLife =
    Table::Mask<&Reservation::state, &Reservation::reason, &Reservation::message,
                &Reservation::amount_minor, &Reservation::currency, &Reservation::sealed_token,
                &Reservation::update_time>();
constexpr store::ColumnMask kDetails = Table::Mask<&Reservation::details>();
constexpr store::ColumnMask kSeats = Table::Mask<&Reservation::seats>();

store::ColumnMask ColumnsOf(const Reservation& reservation) {
  if (reservation.details.empty()) return kLife;
  return reservation.changes == nullptr ? kLife | kDetails : kLife | kDetails | kSeats;
}

CommandResult Apply(const Command<CommandBody>& command, Reservation* reservation, absl::Time now) {
  const CommandBody& body = command.body;
  switch (body.kind) {
    case CommandKind::kHold:
      return Hold(reservation, body, now);
    case CommandKind::kConfirm:
      return Confirm(reservation, body, now);
    case CommandKind::kConfirmChange:
      return ConfirmChange(reservation, command.saga_id, body, now);
    case CommandKind::kCancel:
      return Cancel(reservation, command.saga_id, body, now);
  }
  return {};
}

std::string_view EventOf(State state) {
  switch (state) {
    case State::kPending:
      return "reservation_paid";
    case State::kConfirmed:
      return "reservation_confirmed";
    case State::kCancelled:
      return "reservation_cancelled";
    case State::kHeld:
      return "reservation_held";
    case State::kCancelling:
      return "reservation_cancelling";
    case State::kChanging:
      return "reservation_changing";
  }
  return "";
}

log::Line StateLine(const Reservation& reservation) {
  return {.level = log::Level::kDebug,
          .event = std::string(EventOf(reservation.state)),
          .fields = {{"reservation_id", reservation.id.ToString()}, {"reason", reservation.reason}},
          .message = "the reservation has entered this state"};
}

}  // namespace

ReservationBatch::ReservationBatch(const ReservationMemory& memory, const ReservationLimits& limits,
                                   store::Rows& rows, const Tick& tick, Plan<Io>& plan)
    : memory_(memory),
      limits_(limits),
      rows_(rows),
      tick_(tick),
      plan_(plan),
      desk_(memory.fencing, memory.shared, rows),
      counts_(limits.user_event, rows),
      starts_(memory.starts, tick.now, tick.random),
      signals_(memory.signals, tick.now, ~tick.random),
      live_(memory.live.size()),
      waiting_(memory.waiters.size()) {
  plan_.memory.ranges = memory.ranges.NoChange();
  plan_.memory.last_ticket = memory.last_ticket;
}

// --- Creations

void ReservationBatch::Decide(size_t input, const Create& create) {
  const Reservation& made = create.reservation;
  if (ReservationPtr known = FindByRequest(made.request_id)) {
    if (known->fingerprint != made.fingerprint) return plan_.Reply(input, RequestIdReusedError());
    accepted_.push_back({input, create.wait_until, std::move(known)});
  } else if (live_ >= limits_.pending_max) {
    plan_.Reply(input, OverloadedError());
  } else if (absl::Status room = counts_.Admit(made); !room.ok()) {
    plan_.Reply(input, std::move(room));
  } else {
    accepted_.push_back({input, create.wait_until, Insert(create), /*is_new=*/true});
  }
}

std::shared_ptr<Reservation> ReservationBatch::FindTouched(const Id& id) const {
  const auto touched = by_id_.find(id);
  return touched == by_id_.end() ? nullptr : touched_[touched->second].reservation;
}

ReservationPtr ReservationBatch::FindByRequest(const Id& request_id) const {
  const auto made = by_request_.find(request_id);
  if (made != by_request_.end()) return touched_[made->second].reservation;
  const ReservationRow* row = rows_.FindBy<&Reservation::request_id>(kReservations, request_id);
  return row == nullptr ? nullptr : std::make_shared<const Reservation>(FromRow(*row));
}

std::shared_ptr<Reservation> ReservationBatch::Insert(const Create& create) {
  const Reservation& made = create.reservation;
  auto reservation = std::make_shared<Reservation>(made);
  reservation->create_time = tick_.wall;
  reservation->update_time = tick_.wall;
  if (made.mode == Mode::kHold) reservation->expire_time = tick_.wall + create.hold_duration;
  PackDetails(*reservation);
  if (made.marks != nullptr && !made.marks->external_ref.empty()) {
    rows_.Insert(kExternalRefs, {made.marks->external_ref, made.id});
  }
  // Ranges are only for this process's ids, whose order it knows.
  if (!memory_.shared) reservation->range_no = memory_.ranges.Place(made.id, plan_.memory.ranges);
  by_id_[made.id] = touched_.size();
  by_request_[made.request_id] = touched_.size();
  touched_.push_back({reservation, /*is_new=*/true});
  Count(touched_.back());
  starts_.Add(made.id);
  ++live_;
  return reservation;
}

// --- Commands

void ReservationBatch::Decide(size_t input, const Commands<CommandBody>& call) {
  participant::Results results;
  results.reserve(call.commands.size());
  for (const auto& command : call.commands) results.push_back(Execute(command));
  plan_.Reply(input, std::move(results));
}

CommandResult ReservationBatch::Execute(const Command<CommandBody>& command) {
  // This service itself created the reservation, before there was a saga.
  if (auto answer = desk_.Admit(command, ActionIs::kOwnAct)) return *std::move(answer);
  const std::shared_ptr<Reservation> reservation = CopyOf(command.body.reservation_id);
  const Version before = reservation == nullptr ? Version() : VersionOf(*reservation);
  CommandResult result = Apply(command, reservation.get(), tick_.wall);
  if (reservation != nullptr) NoteChange(reservation, before);
  desk_.Record(command, result);
  return result;
}

std::shared_ptr<Reservation> ReservationBatch::CopyOf(const Id& id) const {
  if (auto touched = FindTouched(id)) return touched;
  if (!memory_.shared) {
    if (auto live = memory_.FindLive(id)) return std::make_shared<Reservation>(*live);
  }
  const ReservationRow* row = rows_.Find(kReservations, id);
  return row == nullptr ? nullptr : std::make_shared<Reservation>(FromRow(*row));
}

void ReservationBatch::NoteChange(const std::shared_ptr<Reservation>& reservation,
                                  const Version& before) {
  if (VersionOf(*reservation) == before) return;
  PackDetails(*reservation);
  const auto [known, is_first] = by_id_.try_emplace(reservation->id, touched_.size());
  if (is_first) {
    touched_.push_back({reservation});
    if (counts_.on()) touched_.back().counted = CountedBefore(reservation->id);
  }
  Count(touched_[known->second]);
  if (reservation->state == before.state) return;
  if (IsLive(before.state)) live_ -= std::min<size_t>(live_, 1);  // if shared, we count only some
  if (IsLive(reservation->state)) ++live_;
  if (log::DebugEnabled()) plan_.log.push_back(StateLine(*reservation));
}

void ReservationBatch::Count(Touched& touched) {
  if (!counts_.on()) return;
  const Counted now = CountOf(*touched.reservation);
  counts_.Change(*touched.reservation, touched.counted, now);
  touched.counted = now;
}

// Neither the memory nor what was read has changed yet.
Counted ReservationBatch::CountedBefore(const Id& id) const {
  if (!memory_.shared) {
    if (const auto live = memory_.FindLive(id)) return CountOf(*live);
  }
  return CountOf(FromRow(*rows_.Find(kReservations, id)));
}

// --- Calls that ended

void ReservationBatch::Decide(size_t /*input*/, const DeliveryResult& result) {
  switch (result.message) {
    case Message::kStart:
      return starts_.OnResult(result.result);
    case Message::kSignal:
      return signals_.OnResult(result.result);
  }
}

// --- What follows from the whole batch

void ReservationBatch::Finish() {
  Write();
  EndWaits();
  AnswerAccepted();
  Deliver(Message::kStart, starts_, NeedsStart);
  Deliver(Message::kSignal, signals_, NeedsSignal);
  plan_.memory.starts = starts_.TakeChange();
  plan_.memory.signals = signals_.TakeChange();
  plan_.memory.fencing = desk_.TakeChange();
}

void ReservationBatch::Write() {
  for (const IdRange& range : plan_.memory.ranges.opened) rows_.Insert(kIdRanges, range);
  plan_.memory.written.reserve(touched_.size());
  for (const Touched& touched : touched_) {
    if (touched.is_new) {
      rows_.InsertBorrowed(kReservations, *touched.reservation);
    } else {
      rows_.UpdateBorrowed(kReservations, *touched.reservation, ColumnsOf(*touched.reservation));
    }
    plan_.memory.written.push_back(touched.reservation);
  }
}

void ReservationBatch::EndWaits() {
  for (const Touched& touched : touched_) {
    if (touched.is_new || IsLive(touched.reservation->state)) continue;
    memory_.waiters.ForEachOf(touched.reservation->id, [&](const Waiter& waiter) {
      plan_.ReplyLate(waiter.ticket, ReservationPtr(touched.reservation));
      --waiting_;
    });
  }
  memory_.waiters.ForEachDue(tick_.now, [&](const Waiter& waiter) {
    const ReservationPtr touched = FindTouched(waiter.seen->id);
    if (touched != nullptr && !IsLive(touched->state)) return;  // it has come to rest in time
    plan_.ReplyLate(waiter.ticket, touched != nullptr ? touched : memory_.Present(waiter));
    --waiting_;
  });
  plan_.memory.waits_ended = tick_.now;
}

void ReservationBatch::AnswerAccepted() {
  for (Accepted& accepted : accepted_) {
    ReservationPtr& reservation = accepted.reservation;
    if (!accepted.is_new) {
      if (auto touched = FindTouched(reservation->id)) reservation = std::move(touched);
    }
    if (!MayWait(accepted)) {
      plan_.Reply(accepted.input, std::move(reservation));
      continue;
    }
    ++waiting_;
    const Ticket ticket = NewTicket();
    plan_.memory.waiting.push_back({ticket, accepted.wait_until, std::move(reservation)});
    plan_.Park(accepted.input, ticket);
  }
}

bool ReservationBatch::MayWait(const Accepted& accepted) const {
  const Reservation& reservation = *accepted.reservation;
  if (!IsLive(reservation.state) || accepted.wait_until <= tick_.now ||
      waiting_ >= limits_.waiters_max) {
    return false;
  }
  if (accepted.is_new) return true;  // the first that waits for it
  const auto here =
      std::count_if(plan_.memory.waiting.begin(), plan_.memory.waiting.end(),
                    [&](const Waiter& waiter) { return waiter.seen->id == reservation.id; });
  return memory_.waiters.CountOf(reservation.id) + static_cast<size_t>(here) <
         Waiters::kPerReservationMax;
}

void ReservationBatch::Deliver(Message message, OutboxBatch& outbox,
                               bool (*needs)(const Reservation&)) {
  for (;;) {
    Delivery delivery{.message = message};
    const std::optional<int64_t> call = outbox.TakeCall([&](const Id& id) {
      ReservationPtr reservation = FindTouched(id);
      if (reservation == nullptr) reservation = memory_.FindLive(id);
      if (reservation == nullptr || !needs(*reservation)) return false;
      delivery.reservations.push_back(std::move(reservation));
      return true;
    });
    if (!call) return;
    delivery.call = *call;
    plan_.sends.push_back(std::move(delivery));
  }
}

}  // namespace seatsaga::reservation
