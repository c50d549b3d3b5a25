#include "bench/null_chain_messages.h"

#include "bench/halls.h"
#include "common/id.h"

namespace seatsaga::bench::null {
namespace {

constexpr size_t kSealedTokenBytes = 64;  // about the size of a sealed token

void FillPrice(saga::v1::Money* price) {
  price->set_amount_minor(Halls::kPriceMinor);
  price->set_currency(Halls::kCurrency);
}

template <class Command>
void FillKey(const StartSagasRequest& start, const char* step, Command& command) {
  auto& key = *command.mutable_key();
  key.set_saga_id(start.sagas(0).saga_id());
  key.set_step(step);
  key.set_round(1);
  key.set_fencing_epoch(1);
  key.mutable_fencing_holder()->assign(Id::kSize, 'h');
}

void CopySeats(const CreateReservationRequest& create,
               google::protobuf::RepeatedPtrField<std::string>& seat_ids) {
  for (const auto& item : create.items()) *seat_ids.Add() = item.seat();
}

}  // namespace

void FillStart(const CreateReservationRequest& create, StartSagasRequest& start) {
  auto& saga = *start.add_sagas();
  saga.set_saga_id(create.request_id());
  auto& data = *saga.mutable_data()->mutable_reservation();
  data.set_user_id(create.user_id());
  data.set_event_id(create.event_id());
  CopySeats(create, *data.mutable_seat_ids());
  data.mutable_sealed_payment_token()->assign(kSealedTokenBytes, 's');
}

void FillReserve(const StartSagasRequest& start, ReserveSeatsRequest& reserve) {
  FillKey(start, "reserve_seats", reserve);
  reserve.set_event_id(start.sagas(0).data().reservation().event_id());
  *reserve.mutable_seat_ids() = start.sagas(0).data().reservation().seat_ids();
}

void FillCharge(const StartSagasRequest& start, const ReserveSeatsResponse& reserved,
                ChargePaymentRequest& charge) {
  FillKey(start, "charge_payment", charge);
  *charge.mutable_amount() = reserved.result().result().amount();
  charge.set_sealed_payment_token(start.sagas(0).data().reservation().sealed_payment_token());
}

void FillConfirm(const StartSagasRequest& start, const ReserveSeatsResponse& reserved,
                 ExecuteReservationCommandsRequest& confirm) {
  auto& command = *confirm.add_commands()->mutable_confirm_reservation();
  FillKey(start, "confirm_reservation", command);
  *command.mutable_price() = reserved.result().result().amount();
}

void Answer(const ReserveSeatsRequest&, ReserveSeatsResponse& response) {
  response.mutable_result()->set_outcome(saga::v1::OUTCOME_SUCCEEDED);
  FillPrice(response.mutable_result()->mutable_result()->mutable_amount());
}

void Answer(const ChargePaymentRequest& charge, ChargePaymentResponse& response) {
  response.mutable_result()->set_outcome(saga::v1::OUTCOME_SUCCEEDED);
  *response.mutable_result()->mutable_result()->mutable_amount() = charge.amount();
}

void Answer(const ExecuteReservationCommandsRequest& confirm,
            ExecuteReservationCommandsResponse& response) {
  for (int i = 0; i < confirm.commands_size(); ++i) {
    response.add_results()->set_outcome(saga::v1::OUTCOME_SUCCEEDED);
  }
}

void Answer(const StartSagasRequest& start, StartSagasResponse& response) {
  for (const auto& saga : start.sagas()) response.add_saga_ids(saga.saga_id());
}

void Answer(const CreateReservationRequest& create, CreateReservationResponse& response) {
  auto& reservation = *response.mutable_reservation();
  reservation.set_reservation_id(create.request_id());
  reservation.set_request_id(create.request_id());
  reservation.set_user_id(create.user_id());
  reservation.set_event_id(create.event_id());
  CopySeats(create, *reservation.mutable_seat_ids());
  reservation.set_state(reservation::v1::RESERVATION_STATE_CONFIRMED);
  FillPrice(reservation.mutable_price());
}

}  // namespace seatsaga::bench::null
