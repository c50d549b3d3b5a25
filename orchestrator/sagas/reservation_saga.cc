#include "orchestrator/sagas/reservation_saga.h"

#include "common/time_proto.h"
#include "common/validation.h"

namespace seatsaga::sagas::reservation {
namespace {

void CheckToken(const orchestrator::v1::ReservationData& reservation, FieldErrors& errors) {
  const std::string& token = reservation.sealed_payment_token();
  if (token.empty() || token.size() > kSealedTokenMax) {
    errors.Add("sealed_payment_token", "required, at most 1024 bytes");
  }
}

}  // namespace

void Accept(SagaData& data, const std::string& path, FieldErrors& errors) {
  auto& reservation = *data.mutable_reservation();
  FieldErrors found;
  CheckText("user_id", reservation.user_id(), kUserIdMax, found);
  CheckEventId("event_id", reservation.event_id(), found);
  CheckSeatIds("seat_ids", reservation.seat_ids(), found);
  if (!reservation.has_hold_duration()) {
    CheckToken(reservation, found);
  } else {
    CheckHoldDuration("hold_duration", reservation.hold_duration(), found);
    if (!reservation.sealed_payment_token().empty()) {
      found.Add("sealed_payment_token", "must be empty: a hold gets it when it is paid for");
    }
  }
  errors.AddBelow(path, found);
  ForgetAdded(data);
}

int NeedsVersion(const SagaData& data) { return data.reservation().has_hold_duration() ? 2 : 1; }

std::optional<absl::Duration> HoldsFor(const SagaData& data) {
  if (!data.reservation().has_hold_duration()) return std::nullopt;
  return FromProto(data.reservation().hold_duration());
}

void AcceptSignal(SignalKind kind, const SagaData& data, const std::string& path,
                  FieldErrors& errors) {
  const auto& given = data.reservation();
  orchestrator::v1::ReservationData expected;
  FieldErrors found;
  if (kind == SignalKind::kResume) {
    CheckToken(given, found);
    expected.set_sealed_payment_token(given.sealed_payment_token());
  } else if (given.has_refund()) {
    if (given.refund().amount_minor() < 0) found.Add("refund.amount_minor", "must not be negative");
    *expected.mutable_refund() = given.refund();
  }
  errors.AddBelow(path, found);
  if (given.SerializeAsString() != expected.SerializeAsString()) {
    errors.Add(path, kind == SignalKind::kResume ? "may only hold sealed_payment_token"
                                                 : "may only hold refund");
  }
}

// The price and the terms are what seat_svc said first.
std::optional<SagaData> Learn(const SagaData& data, core::CallId action,
                              const saga::v1::ActionResult& result) {
  if (action != Call::kReserveSeats || data.reservation().has_price() || !result.has_amount()) {
    return std::nullopt;
  }
  SagaData priced;
  *priced.mutable_reservation()->mutable_price() = result.amount();
  *priced.mutable_reservation()->mutable_seat_prices_minor() = result.seat_prices_minor();
  if (result.has_terms()) *priced.mutable_reservation()->mutable_terms() = result.terms();
  return priced;
}

void EraseToken(SagaData& data) { data.mutable_reservation()->clear_sealed_payment_token(); }

// But for the token, which is erased by itself.
void ForgetAdded(SagaData& data) {
  auto& reservation = *data.mutable_reservation();
  reservation.clear_price();
  reservation.clear_terms();
  reservation.clear_refund();
  reservation.clear_seat_prices_minor();
}

void Tell(const Happened& happened, orchestrator::v1::DomainEventData& told) {
  const auto& reservation = happened.data.reservation();
  told.set_user_id(reservation.user_id());
  told.set_event_id(reservation.event_id());
  *told.mutable_seat_ids() = reservation.seat_ids();
  if (reservation.has_price()) *told.mutable_price() = reservation.price();
  TellOfMoney(happened, told);
}

}  // namespace seatsaga::sagas::reservation
