#include "reservation_svc/reservation_details.h"

#include <utility>

#include "reservation_svc/reservation_details.pb.h"

namespace seatsaga::reservation {

Reservation FromRow(ReservationRow row) {
  Reservation reservation{std::move(row)};
  if (reservation.details.empty()) return reservation;
  store::StoredDetails stored;
  stored.ParseFromString(reservation.details);
  if (stored.hold()) reservation.mode = Mode::kHold;
  reservation.expire_time = absl::FromUnixMicros(stored.expire_us());
  reservation.hold_round = stored.hold_round();
  reservation.failure_reason = std::move(*stored.mutable_failure_reason());
  reservation.failure_message = std::move(*stored.mutable_failure_message());
  if (stored.has_terms()) reservation.terms = stored.terms().SerializeAsString();
  reservation.has_refund = stored.has_refund_minor();
  reservation.refund_minor = stored.refund_minor();
  return reservation;
}

void PackDetails(Reservation& reservation) {
  if (reservation.mode == Mode::kPayNow && reservation.terms.empty() && !reservation.has_refund) {
    return;  // there are none, and never were
  }
  store::StoredDetails stored;
  stored.set_hold(reservation.mode == Mode::kHold);
  stored.set_expire_us(absl::ToUnixMicros(reservation.expire_time));
  stored.set_hold_round(reservation.hold_round);
  stored.set_failure_reason(reservation.failure_reason);
  stored.set_failure_message(reservation.failure_message);
  if (!reservation.terms.empty()) stored.mutable_terms()->ParseFromString(reservation.terms);
  if (reservation.has_refund) stored.set_refund_minor(reservation.refund_minor);
  reservation.details = stored.SerializeAsString();
}

}  // namespace seatsaga::reservation
