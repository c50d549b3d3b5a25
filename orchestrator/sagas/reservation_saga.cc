#include "orchestrator/sagas/reservation_saga.h"

#include "common/validation.h"

namespace seatsaga::sagas::reservation {
namespace {

constexpr size_t kSealedTokenMax = 1024;

}  // namespace

void Accept(SagaData& data, const std::string& path, FieldErrors& errors) {
  auto& reservation = *data.mutable_reservation();
  FieldErrors found;
  CheckText("user_id", reservation.user_id(), kUserIdMax, found);
  CheckEventId("event_id", reservation.event_id(), found);
  CheckSeatIds("seat_ids", reservation.seat_ids(), found);
  const std::string& token = reservation.sealed_payment_token();
  if (token.empty() || token.size() > kSealedTokenMax) {
    found.Add("sealed_payment_token", "required, at most 1024 bytes");
  }
  errors.AddBelow(path, found);
  reservation.clear_price();
}

// The price is what seat_svc said first.
std::optional<SagaData> Learn(const SagaData& data, core::CallId action,
                              const saga::v1::ActionResult& result) {
  if (action != Call::kReserveSeats || data.reservation().has_price() || !result.has_amount()) {
    return std::nullopt;
  }
  SagaData priced;
  *priced.mutable_reservation()->mutable_price() = result.amount();
  return priced;
}

void EraseToken(SagaData& data) { data.mutable_reservation()->clear_sealed_payment_token(); }

}  // namespace seatsaga::sagas::reservation
