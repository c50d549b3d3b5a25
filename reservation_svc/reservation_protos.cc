#include "reservation_svc/reservation_protos.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "common/time_proto.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace seatsaga::reservation {
namespace {

void AddSeatIds(std::string_view lines, google::protobuf::RepeatedPtrField<std::string>& seat_ids) {
  while (!lines.empty()) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    *seat_ids.Add() = std::string(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
}

}  // namespace

void ToProto(const Reservation& reservation, v1::Reservation& proto) {
  proto.set_reservation_id(reservation.id.ToString());
  proto.set_request_id(reservation.request_id.ToString());
  proto.set_user_id(reservation.user_id);
  proto.set_event_id(reservation.event_id);
  AddSeatIds(reservation.seats, *proto.mutable_seat_ids());
  proto.set_state(static_cast<v1::ReservationState>(reservation.state));
  proto.set_reason(reservation.reason);
  proto.set_message(reservation.message);
  if (!reservation.currency.empty()) {
    proto.mutable_price()->set_amount_minor(reservation.amount_minor);
    proto.mutable_price()->set_currency(reservation.currency);
  }
  *proto.mutable_create_time() = seatsaga::ToProto(reservation.create_time);
  *proto.mutable_update_time() = seatsaga::ToProto(reservation.update_time);
}

void ToSagaStart(const Reservation& reservation, orchestrator::v1::SagaStart& start) {
  start.set_saga_id(reservation.id.ToString());
  orchestrator::v1::ReservationData& data = *start.mutable_data()->mutable_reservation();
  data.set_user_id(reservation.user_id);
  data.set_event_id(reservation.event_id);
  AddSeatIds(reservation.seats, *data.mutable_seat_ids());
  data.set_sealed_payment_token(reservation.sealed_token);
}

}  // namespace seatsaga::reservation
