#include "reservation_svc/reservation_changes.h"

#include <algorithm>

#include "common/errors.h"
#include "common/money.h"
#include "common/text.h"
#include "reservation_svc/refund.h"
#include "reservation_svc/reservation_errors.h"
#include "reservation_svc/reservation_rules.h"

namespace seatsaga::reservation {
namespace {

absl::Status NotHeldYet(const Reservation& reservation) {
  if (reservation.hold_round > 0) {
    return NotPossibleError("PAYMENT_UNDER_WAY", reservation.id,
                            "is being paid for by another request; wait for what becomes of it");
  }
  return WithRetryInfo(
      NotPossibleError(
          "NOT_HELD", reservation.id,
          "is PENDING: its seats are not held yet; repeat the request once it is HELD"),
      kRetryAfter);
}

absl::Status HoldExpired(const Reservation& reservation) {
  return NotPossibleError(kHoldExpired, reservation.id,
                          "is not held any more: its time is over; make a new reservation");
}

absl::Status Cancelled(const Reservation& reservation) {
  if (reservation.reason == kHoldExpired) return HoldExpired(reservation);
  return NotPossibleError(kReservationCancelled, reservation.id,
                          Cat("was cancelled (", reservation.reason, "); make a new reservation"));
}

absl::Status CannotBeCancelled(const Reservation& reservation) {
  if (reservation.state == State::kChanging) return ChangeUnderWayError(reservation.id);
  if (reservation.state == State::kCancelling) {
    return NotPossibleError("CANCELLATION_UNDER_WAY", reservation.id,
                            "is being cancelled by another request; wait until it is CANCELLED");
  }
  return NotPossibleError(
      kReservationCancelled, reservation.id,
      Cat("was cancelled before (", reservation.reason, "); there is nothing to do"));
}

}  // namespace

// Its terms were checked before they were stored.
absl::StatusOr<int32_t> DecideRefundPercent(absl::Time now, const Reservation& reservation) {
  saga::v1::EventTerms terms;
  terms.ParseFromString(reservation.terms);
  if (HasStarted(terms, now)) {
    return NotPossibleError("EVENT_STARTED", reservation.id,
                            Cat("can no longer be cancelled or changed, because the event ",
                                reservation.event_id, " has started"));
  }
  return RefundPercent(terms, now);
}

Version VersionOf(const Reservation& reservation) {
  return {reservation.state, reservation.hold_round, reservation.expire_time,
          reservation.changes == nullptr ? 0 : reservation.changes->count};
}

std::string EtagOf(const Reservation& reservation) {
  std::string etag = Cat(static_cast<int>(reservation.state));
  if (reservation.mode == Mode::kHold) {
    Append(etag, "-", reservation.hold_round, "-", absl::ToUnixMicros(reservation.expire_time));
  }
  if (reservation.changes != nullptr) Append(etag, "-c", reservation.changes->count);
  return etag;
}

absl::Status CheckHeld(const Reservation& reservation) {
  if (reservation.mode != Mode::kHold) {
    return NotPossibleError("NOT_HELD", reservation.id,
                            "is paid for with the token of its creation, and never held; only one "
                            "of RESERVATION_MODE_HOLD is paid for later");
  }
  switch (reservation.state) {
    case State::kHeld:
      return absl::OkStatus();
    case State::kPending:
      return NotHeldYet(reservation);
    case State::kConfirmed:
    case State::kChanging:
      return NotPossibleError("ALREADY_PAID", reservation.id,
                              "is paid for and CONFIRMED; there is nothing to do");
    case State::kCancelling:
      return NotPossibleError(kReservationCancelled, reservation.id,
                              "is being cancelled; make a new reservation");
    case State::kCancelled:
      return Cancelled(reservation);
  }
  return absl::InternalError("a reservation without a state");
}

absl::Status Pay(const Payment& payment, absl::Time now, Reservation& reservation) {
  if (absl::Status held = CheckHeld(reservation); !held.ok()) return held;
  reservation.sealed_token = payment.sealed_token;
  ForgetFailure(reservation);
  Enter(State::kPending, reservation, now);
  return absl::OkStatus();
}

absl::Status CancelForClient(absl::Time now, Reservation& reservation) {
  switch (reservation.state) {
    case State::kPending:
    case State::kHeld:
      break;
    case State::kConfirmed: {
      const absl::StatusOr<int32_t> percent = DecideRefundPercent(now, reservation);
      if (!percent.ok()) return percent.status();
      reservation.has_refund = true;
      reservation.refund_minor = PercentOf(reservation.amount_minor, *percent);
      break;
    }
    case State::kCancelling:
    case State::kCancelled:
    case State::kChanging:
      return CannotBeCancelled(reservation);
  }
  ForgetFailure(reservation);
  Enter(State::kCancelling, reservation, now);
  return absl::OkStatus();
}

absl::Status Extend(absl::Time expire_time, Reservation& reservation) {
  const bool held = reservation.state == State::kHeld || reservation.state == State::kPending;
  if (!held) return CheckHeld(reservation);
  reservation.expire_time = std::max(reservation.expire_time, expire_time);
  return absl::OkStatus();
}

absl::Status NotExtendedError(const Reservation& reservation) {
  if (absl::Status held = CheckHeld(reservation); !held.ok()) return held;
  return NotPossibleError("HOLD_ENDED", reservation.id,
                          "is not held any more: its saga is undoing it; read it again to see why");
}

}  // namespace seatsaga::reservation
