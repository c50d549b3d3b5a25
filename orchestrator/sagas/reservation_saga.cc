#include "orchestrator/sagas/reservation_saga.h"

#include "common/validation.h"

namespace seatsaga::sagas::reservation {
namespace {

constexpr size_t kSealedTokenMax = 1024;

}  // namespace

void Accept(SagaData& data, const std::string& path, FieldErrors& errors) {
  auto& reservation = *data.mutable_reservation();
  CheckText(path + ".user_id", reservation.user_id(), kUserIdMax, errors);
  CheckEventId(path + ".event_id", reservation.event_id(), errors);
  CheckSeatIds(path + ".seat_ids", reservation.seat_ids(), errors);
  const std::string& token = reservation.sealed_payment_token();
  if (token.empty() || token.size() > kSealedTokenMax) {
    errors.Add(path + ".sealed_payment_token", "required, at most 1024 bytes");
  }
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
