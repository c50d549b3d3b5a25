#include "reservation_svc/reservation_changes.h"

#include <algorithm>

#include "common/errors.h"
#include "common/text.h"
#include "reservation_svc/refund.h"
#include "reservation_svc/reservation_errors.h"
#include "reservation_svc/reservation_rules.h"

namespace seatsaga::reservation {
namespace {

// When to look again at what another service is doing.
constexpr absl::Duration kRetryAfter = absl::Seconds(1);

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
  if (reservation.state == State::kCancelling) {
    return NotPossibleError("CANCELLATION_UNDER_WAY", reservation.id,
                            "is being cancelled by another request; wait until it is CANCELLED");
  }
  return NotPossibleError(
      kReservationCancelled, reservation.id,
      Cat("was cancelled before (", reservation.reason, "); there is nothing to do"));
}

// Its terms were checked before they were stored.
absl::Status DecideRefund(absl::Time now, Reservation& reservation) {
  saga::v1::EventTerms terms;
  terms.ParseFromString(reservation.terms);
  if (HasStarted(terms, now)) {
    return NotPossibleError("EVENT_STARTED", reservation.id,
                            Cat("can no longer be cancelled, because the event ",
                                reservation.event_id, " has started"));
  }
  reservation.has_refund = true;
  reservation.refund_minor = RefundMinor(terms, reservation.amount_minor, now);
  return absl::OkStatus();
}

}  // namespace

Version VersionOf(const Reservation& reservation) {
  return {reservation.state, reservation.hold_round, reservation.expire_time};
}

std::string EtagOf(const Reservation& reservation) {
  const auto state = static_cast<int>(reservation.state);
  if (reservation.mode == Mode::kPayNow) return Cat(state);
  return Cat(state, "-", reservation.hold_round, "-", absl::ToUnixMicros(reservation.expire_time));
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
  if (reservation.state == State::kCancelling || reservation.state == State::kCancelled) {
    return CannotBeCancelled(reservation);
  }
  if (reservation.state == State::kConfirmed) {
    if (absl::Status decided = DecideRefund(now, reservation); !decided.ok()) return decided;
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
  const absl::Status held = CheckHeld(reservation);
  if (!held.ok()) return held;
  return NotPossibleError("HOLD_ENDED", reservation.id,
                          "is not held any more: its saga is undoing it; read it again to see why");
}

}  // namespace seatsaga::reservation
