#include "reservation_svc/reservation_batch.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "common/errors.h"
#include "common/log.h"
#include "common/text.h"

namespace seatsaga::reservation {
namespace {

using participant::ActionIs;
using participant::Command;
using participant::Commands;

// What becomes of a reservation after its creation.
constexpr store::ColumnMask kLife =
    decltype(kReservations)::Mask<&Reservation::state, &Reservation::reason, &Reservation::message,
                                  &Reservation::amount_minor, &Reservation::currency,
                                  &Reservation::sealed_token, &Reservation::update_time>();

absl::Status RequestIdReused() {
  constexpr std::string_view kWhatToDo =
      "was used before for another reservation; make a new UUID for a new request, and repeat the "
      "whole body in a retry";
  absl::Status status = MakeError(absl::StatusCode::kInvalidArgument, "REQUEST_ID_REUSED",
                                  Cat("request_id: ", kWhatToDo));
  FieldErrors errors;
  errors.Add("request_id", kWhatToDo);
  errors.ToStatus().ForEachPayload([&status](absl::string_view type, const absl::Cord& detail) {
    if (!status.GetPayload(type).has_value()) status.SetPayload(type, detail);
  });
  return status;
}

CommandResult Apply(const CommandBody& body, Reservation* reservation, absl::Time now) {
  switch (body.kind) {
    case CommandKind::kConfirm:
      return Confirm(reservation, body, now);
    case CommandKind::kCancel:
      return Cancel(reservation, body, now);
  }
  return {};
}

log::Line FinalLine(const Reservation& reservation) {
  const bool confirmed = reservation.state == State::kConfirmed;
  return {.level = log::Level::kDebug,
          .event = confirmed ? "reservation_confirmed" : "reservation_cancelled",
          .fields = {{"reservation_id", reservation.id.ToString()}, {"reason", reservation.reason}},
          .message = confirmed ? "the seats are the user's" : "nothing is held"};
}

}  // namespace

ReservationBatch::ReservationBatch(const ReservationMemory& memory, const ReservationLimits& limits,
                                   bool shared, store::Rows& rows, const Tick& tick, Plan<Io>& plan)
    : memory_(memory),
      limits_(limits),
      shared_(shared),
      rows_(rows),
      tick_(tick),
      plan_(plan),
      desk_(memory.fencing, shared, rows),
      outbox_(memory.outbox, tick.now, tick.random),
      pending_(memory.pending.size()),
      waiting_(memory.waiters.size()) {
  plan_.memory.ranges = memory.ranges.NoChange();
}

// --- Creations

void ReservationBatch::Decide(size_t input, const Create& create) {
  const Reservation& made = create.reservation;
  if (ReservationPtr known = FindByRequest(made.request_id)) {
    if (known->fingerprint != made.fingerprint) return plan_.Reply(input, RequestIdReused());
    accepted_.push_back({input, &create, std::move(known), /*is_new=*/false});
  } else if (pending_ >= limits_.pending_max) {
    plan_.Reply(input, OverloadedError());
  } else {
    accepted_.push_back({input, &create, Insert(made), /*is_new=*/true});
  }
}

std::shared_ptr<Reservation> ReservationBatch::FindTouched(const Id& id) const {
  const auto touched = by_id_.find(id);
  return touched == by_id_.end() ? nullptr : touched_[touched->second].reservation;
}

ReservationPtr ReservationBatch::FindByRequest(const Id& request_id) const {
  const auto made = by_request_.find(request_id);
  if (made != by_request_.end()) return touched_[made->second].reservation;
  const Reservation* row = rows_.FindBy<&Reservation::request_id>(kReservations, request_id);
  return row == nullptr ? nullptr : std::make_shared<const Reservation>(*row);
}

std::shared_ptr<Reservation> ReservationBatch::Insert(const Reservation& made) {
  auto reservation = std::make_shared<Reservation>(made);
  reservation->create_time = tick_.wall;
  reservation->update_time = tick_.wall;
  // Ranges are only for this process's ids, whose order it knows.
  if (!shared_) reservation->range_no = memory_.ranges.Place(made.id, plan_.memory.ranges);
  by_id_[made.id] = touched_.size();
  by_request_[made.request_id] = touched_.size();
  touched_.push_back({reservation, /*is_new=*/true});
  outbox_.Add(made.id);
  ++pending_;
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
  const std::shared_ptr<Reservation> reservation = CopyOf(command.saga_id);
  const State before = reservation == nullptr ? State::kPending : reservation->state;
  CommandResult result = Apply(command.body, reservation.get(), tick_.wall);
  if (reservation != nullptr && reservation->state != before) Ended(reservation, before);
  desk_.Record(command, result);
  return result;
}

std::shared_ptr<Reservation> ReservationBatch::CopyOf(const Id& id) const {
  if (auto touched = FindTouched(id)) return touched;
  if (!shared_) {
    if (auto pending = memory_.FindPending(id)) return std::make_shared<Reservation>(*pending);
  }
  const Reservation* row = rows_.Find(kReservations, id);
  return row == nullptr ? nullptr : std::make_shared<Reservation>(*row);
}

void ReservationBatch::Ended(const std::shared_ptr<Reservation>& reservation, State before) {
  const Id& id = reservation->id;
  if (by_id_.try_emplace(id, touched_.size()).second) {
    touched_.push_back({reservation});
    memory_.waiters.ForEachOf(id, [&](const Waiter& waiter) {
      plan_.ReplyLate(waiter.ticket, ReservationPtr(reservation));
      --waiting_;
    });
  }
  if (before == State::kPending) {
    outbox_.Forget(id);
    pending_ -= std::min<size_t>(pending_, 1);  // in a shared store we count only some
  }
  if (log::DebugEnabled()) plan_.log.push_back(FinalLine(*reservation));
}

// --- What follows from the whole batch

void ReservationBatch::Finish() {
  Write();
  EndWaits();
  AnswerAccepted();
  StartSagas();
  plan_.memory.outbox = outbox_.TakeChange();
  plan_.memory.fencing = desk_.TakeChange();
}

void ReservationBatch::Write() {
  for (const IdRange& range : plan_.memory.ranges.opened) rows_.Insert(kIdRanges, range);
  plan_.memory.written.reserve(touched_.size());
  for (const Touched& touched : touched_) {
    if (touched.is_new) {
      rows_.InsertBorrowed(kReservations, *touched.reservation);
    } else {
      rows_.UpdateBorrowed(kReservations, *touched.reservation, kLife);
    }
    plan_.memory.written.push_back(touched.reservation);
  }
}

void ReservationBatch::EndWaits() {
  memory_.waiters.ForEachDue(tick_.now, [&](const Waiter& waiter) {
    if (by_id_.contains(waiter.seen->id)) return;  // the final state has come in time
    plan_.ReplyLate(waiter.ticket, waiter.seen);
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
    const Ticket ticket = memory_.last_ticket + plan_.memory.waiting.size() + 1;
    plan_.memory.waiting.push_back({ticket, accepted.create->wait_until, std::move(reservation)});
    plan_.Park(accepted.input, ticket);
  }
}

bool ReservationBatch::MayWait(const Accepted& accepted) const {
  const Reservation& reservation = *accepted.reservation;
  if (reservation.state != State::kPending || accepted.create->wait_until <= tick_.now ||
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

void ReservationBatch::StartSagas() {
  for (;;) {
    StartBatch batch;
    const std::optional<int64_t> call = outbox_.TakeCall([&](const Id& id) {
      ReservationPtr reservation = FindTouched(id);
      if (reservation == nullptr) reservation = memory_.FindPending(id);
      if (reservation == nullptr || reservation->state != State::kPending) return false;
      batch.sagas.push_back(std::move(reservation));
      return true;
    });
    if (!call) return;
    batch.call = *call;
    plan_.sends.push_back(std::move(batch));
  }
}

}  // namespace seatsaga::reservation
