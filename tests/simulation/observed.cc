#include "tests/simulation/observed.h"

#include "absl/strings/str_cat.h"

namespace seatsaga::simulation {
namespace {

// Whether an error says that nothing was done.
bool IsDefinite(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsResourceExhausted(status) ||
         absl::IsNotFound(status) || absl::IsFailedPrecondition(status) || absl::IsAborted(status);
}

}  // namespace

Swap SwapOf(const SeatIds& give_back, const SeatIds& take) {
  return {{give_back.begin(), give_back.end()}, {take.begin(), take.end()}};
}

Shown ShownOf(const reservation::v1::Reservation& reservation) {
  Shown shown{.reservation_id = reservation.reservation_id(),
              .request_id = reservation.request_id(),
              .user = reservation.user_id(),
              .event = reservation.event_id(),
              .seats = {reservation.seat_ids().begin(), reservation.seat_ids().end()},
              .reason = reservation.reason(),
              .paid_minor = reservation.price().amount_minor(),
              .currency = reservation.price().currency(),
              .hold = reservation.mode() == reservation::v1::RESERVATION_MODE_HOLD,
              .failure = reservation.payment_failure().reason(),
              .saga = reservation.saga_id(),
              .change_failure = reservation.change_failure().reason()};
  if (reservation.has_refund()) shown.refund_minor = reservation.refund().amount_minor();
  if (reservation.has_change()) {
    const auto& change = reservation.change();
    shown.change = SwapOf(change.give_back_seat_ids(), change.seat_ids());
    if (change.has_refund()) shown.change_refund_minor = change.refund().amount_minor();
  }
  for (const auto& payment : reservation.payments()) {
    shown.payments.push_back(
        {payment.payment_id(), payment.amount().amount_minor(), payment.refunded().amount_minor()});
  }
  switch (reservation.state()) {
    case reservation::v1::RESERVATION_STATE_HELD:
      shown.status = Status::kHeld;
      break;
    case reservation::v1::RESERVATION_STATE_CONFIRMED:
      shown.status = Status::kConfirmed;
      break;
    case reservation::v1::RESERVATION_STATE_CHANGING:
      shown.status = Status::kChanging;
      break;
    case reservation::v1::RESERVATION_STATE_CANCELLING:
      shown.status = Status::kCancelling;
      break;
    case reservation::v1::RESERVATION_STATE_CANCELLED:
      shown.status = Status::kCancelled;
      break;
    default:
      shown.status = Status::kPending;
  }
  return shown;
}

std::string Said(const absl::Status& status) {
  return absl::StrCat(absl::StatusCodeToString(status.code()), " ", status.message());
}

Heard HeardOf(const absl::Status& status) {
  if (status.ok()) return Heard::kAnswer;
  return IsDefinite(status) ? Heard::kNo : Heard::kNothing;
}

}  // namespace seatsaga::simulation
