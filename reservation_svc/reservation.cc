#include "reservation_svc/reservation.h"

#include "common/text.h"

namespace seatsaga::reservation {
namespace {

// A final reservation has no saga left to start, so nothing needs its token any more.
void Enter(State state, Record& record, absl::Time now) {
  record.reservation.state = state;
  record.reservation.update_time = now;
  record.sealed_token.clear();
}

}  // namespace

CommandResult Confirm(Record* record, const Money& price, absl::Time now) {
  if (record == nullptr) return Refused(kReservationNotFound, "there is no such reservation");
  Reservation& reservation = record->reservation;
  if (reservation.state == State::kCancelled) {
    return Refused(kReservationCancelled,
                   Cat("the reservation was cancelled: ", reservation.reason));
  }
  if (reservation.state == State::kConfirmed) {
    if (reservation.price == price) return Succeeded();
    return Refused(kReservationConfirmed, "the reservation was confirmed at another price");
  }
  reservation.price = price;
  Enter(State::kConfirmed, *record, now);
  return Succeeded();
}

CommandResult Cancel(Record* record, std::string_view reason, std::string_view message,
                     absl::Time now) {
  if (record == nullptr || record->reservation.state == State::kCancelled) return Succeeded();
  record->reservation.reason = std::string(reason);
  record->reservation.message = std::string(message);
  Enter(State::kCancelled, *record, now);
  return Succeeded();
}

}  // namespace seatsaga::reservation
