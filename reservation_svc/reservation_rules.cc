#include "reservation_svc/reservation_rules.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/text.h"
#include "reservation_svc/reservation_errors.h"
#include "reservation_svc/seat_changes.h"

namespace seatsaga::reservation {
namespace {

// Why no command but a cancellation changes it any more; nothing if one may.
std::optional<CommandResult> RefusedAsOver(const Reservation* reservation) {
  if (reservation == nullptr) return Refused(kReservationNotFound, "there is no such reservation");
  if (reservation->state == State::kCancelled) {
    return Refused(kReservationCancelled,
                   Cat("the reservation was cancelled: ", reservation->reason));
  }
  if (reservation->state == State::kCancelling) {
    return Refused(kCancelledByClient, "the client has cancelled the reservation");
  }
  return std::nullopt;
}

void Learn(const CommandBody& command, Reservation& reservation) {
  reservation.amount_minor = command.amount_minor;
  reservation.currency = command.currency;
  reservation.seat_prices = command.seat_prices;
  reservation.terms = command.terms;
}

}  // namespace

bool NeedsStart(const Reservation& reservation) {
  if (reservation.state == State::kChanging) return true;
  if (reservation.hold_round > 0 || reservation.has_refund) return false;  // it is under way
  return IsLive(reservation.state);
}

bool NeedsSignal(const Reservation& reservation) {
  return reservation.state == State::kCancelling ||
         (reservation.state == State::kPending && reservation.hold_round > 0);
}

void Enter(State state, Reservation& reservation, absl::Time now) {
  reservation.state = state;
  reservation.update_time = now;
  // A saga that is to charge needs the token, and one that may still have to be started.
  if (state != State::kPending && !NeedsStart(reservation)) reservation.sealed_token.clear();
}

void ForgetFailure(Reservation& reservation) {
  reservation.failure_reason.clear();
  reservation.failure_message.clear();
}

CommandResult Hold(Reservation* reservation, const CommandBody& command, absl::Time now) {
  if (auto refused = RefusedAsOver(reservation)) return *std::move(refused);
  if (reservation->state == State::kConfirmed || reservation->state == State::kChanging) {
    return Refused(kReservationConfirmed, "the reservation was paid for and confirmed");
  }
  if (command.round <= reservation->hold_round) {
    return Refused(kHoldRoundPassed,
                   Cat("the reservation was held in round ", reservation->hold_round, " already"));
  }
  Learn(command, *reservation);
  // Until it is held, only this service's own guess is known. From then on a hold never becomes
  // shorter: an extension may be known here that was decided after the command.
  reservation->expire_time = reservation->hold_round == 0
                                 ? command.expire_time
                                 : std::max(reservation->expire_time, command.expire_time);
  reservation->hold_round = command.round;
  reservation->failure_reason = command.reason;
  reservation->failure_message = command.message;
  Enter(State::kHeld, *reservation, now);
  return Succeeded();
}

CommandResult Confirm(Reservation* reservation, const CommandBody& command, absl::Time now) {
  if (auto refused = RefusedAsOver(reservation)) return *std::move(refused);
  if (reservation->state == State::kConfirmed || reservation->state == State::kChanging) {
    if (reservation->amount_minor == command.amount_minor &&
        reservation->currency == command.currency) {
      return Succeeded();
    }
    return Refused(kReservationConfirmed, "the reservation was confirmed at another price");
  }
  if (reservation->state == State::kHeld) {
    return Refused(kReservationHeld, "the reservation is held, and its client has not paid for it");
  }
  Learn(command, *reservation);
  Enter(State::kConfirmed, *reservation, now);
  return Succeeded();
}

CommandResult Cancel(Reservation* reservation, const Id& saga_id, const CommandBody& command,
                     absl::Time now) {
  if (reservation == nullptr || reservation->state == State::kCancelled) return Succeeded();
  if (IsChanging(*reservation, saga_id)) {
    AbandonChange(command, now, *reservation);
    return Succeeded();
  }
  if (reservation->state == State::kChanging || saga_id != LastSagaId(*reservation)) {
    return Refused(kNotItsSaga, "another saga has changed the reservation since, or is about to");
  }
  reservation->reason = command.reason;
  reservation->message = command.message;
  ForgetFailure(*reservation);
  Enter(State::kCancelled, *reservation, now);
  return Succeeded();
}

}  // namespace seatsaga::reservation
