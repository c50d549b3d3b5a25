#include "reservation_svc/user_event_counts.h"

#include <algorithm>
#include <string>

#include "common/errors.h"
#include "common/text.h"
#include "reservation_svc/reservation_errors.h"

namespace seatsaga::reservation {
namespace {

absl::Status LimitError(const Reservation& made, std::string_view what) {
  return PreconditionError(kUserEventLimit,
                           Cat("user ", made.user_id, " and event ", made.event_id),
                           Cat("user ", made.user_id, " has ", what));
}

absl::Status HoldsError(const Reservation& made, const Counted& has, int64_t max) {
  return LimitError(made, Cat(has.live_holds, " unpaid holds for event ", made.event_id,
                              ", and this server allows ", max,
                              "; pay for one, cancel one, or wait until one expires"));
}

absl::Status SeatsError(const Reservation& made, const Counted& has, int64_t wants, int64_t max) {
  return LimitError(made,
                    Cat(has.seats, " seats of event ", made.event_id, " and asks for ", wants,
                        " more, and this server allows ", max, "; reserve at most ",
                        std::max<int64_t>(0, max - has.seats), ", or cancel a reservation first"));
}

// That an exchange which is under way would add.
int64_t MoreSeats(const Reservation& reservation) {
  if (reservation.state != State::kChanging) return 0;
  const SeatChange& change = *reservation.changes->under_way;
  return std::max<int64_t>(0, std::ssize(change.take) - std::ssize(change.give_back));
}

}  // namespace

Counted CountOf(const Reservation& reservation) {
  if (reservation.state == State::kCancelled) return {};
  const bool unpaid = reservation.state == State::kPending || reservation.state == State::kHeld;
  const std::string& seats = reservation.seats;
  return {.live_holds = reservation.mode == Mode::kHold && unpaid ? 1 : 0,
          .seats = (seats.empty() ? 0 : 1 + std::count(seats.begin(), seats.end(), '\n')) +
                   MoreSeats(reservation)};
}

void UserEventCounts::Want(const ReservationRow& reservation, store::Rows& rows) {
  rows.Want(kUserEventCounts, reservation.user_id, reservation.event_id);
}

absl::Status UserEventCounts::CheckRoom(const Reservation& made, const Counted& before) const {
  const UserEventCount* row = rows_.Find(kUserEventCounts, made.user_id, made.event_id);
  const Counted has = row == nullptr ? Counted() : Counted{row->live_holds, row->seats};
  const Counted now = CountOf(made);
  const Counted wants{now.live_holds - before.live_holds, now.seats - before.seats};
  if (limits_.holds_max > 0 && wants.live_holds > 0 && has.live_holds >= limits_.holds_max) {
    return HoldsError(made, has, limits_.holds_max);
  }
  if (limits_.seats_max > 0 && wants.seats > 0 && has.seats + wants.seats > limits_.seats_max) {
    return SeatsError(made, has, wants.seats, limits_.seats_max);
  }
  return absl::OkStatus();
}

void UserEventCounts::Change(const Reservation& reservation, const Counted& before,
                             const Counted& now) {
  if (before == now) return;
  const UserEventCount* found =
      rows_.Find(kUserEventCounts, reservation.user_id, reservation.event_id);
  UserEventCount& row =
      found == nullptr ? rows_.Insert(kUserEventCounts, {reservation.user_id, reservation.event_id})
                       : rows_.Update(kUserEventCounts, *found);
  row.live_holds += now.live_holds - before.live_holds;
  row.seats += now.seats - before.seats;
  if (row.live_holds == 0 && row.seats == 0) rows_.Erase(kUserEventCounts, row);
}

}  // namespace seatsaga::reservation
