#include "reservation_svc/reservation_rules.h"

#include "common/text.h"

namespace seatsaga::reservation {
namespace {

// Nothing needs the token of a final reservation, because it has no saga left to start.
void Enter(State state, Reservation& reservation, absl::Time now) {
  reservation.state = state;
  reservation.update_time = now;
  reservation.sealed_token.clear();
}

}  // namespace

CommandResult Confirm(Reservation* reservation, const CommandBody& command, absl::Time now) {
  if (reservation == nullptr) return Refused(kReservationNotFound, "there is no such reservation");
  if (reservation->state == State::kCancelled) {
    return Refused(kReservationCancelled,
                   Cat("the reservation was cancelled: ", reservation->reason));
  }
  if (reservation->state == State::kConfirmed) {
    if (reservation->amount_minor == command.amount_minor &&
        reservation->currency == command.currency) {
      return Succeeded();
    }
    return Refused(kReservationConfirmed, "the reservation was confirmed at another price");
  }
  reservation->amount_minor = command.amount_minor;
  reservation->currency = command.currency;
  Enter(State::kConfirmed, *reservation, now);
  return Succeeded();
}

CommandResult Cancel(Reservation* reservation, const CommandBody& command, absl::Time now) {
  if (reservation == nullptr || reservation->state == State::kCancelled) return Succeeded();
  reservation->reason = command.reason;
  reservation->message = command.message;
  Enter(State::kCancelled, *reservation, now);
  return Succeeded();
}

}  // namespace seatsaga::reservation
