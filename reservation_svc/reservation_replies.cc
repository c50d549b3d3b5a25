#include "reservation_svc/reservation_replies.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/time_proto.h"

namespace seatsaga::reservation {

void AddSeatIds(std::string_view lines, google::protobuf::RepeatedPtrField<std::string>& seat_ids) {
  while (!lines.empty()) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    *seat_ids.Add() = std::string(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
}

v1::Reservation ToProto(const Reservation& reservation) {
  v1::Reservation proto;
  proto.set_reservation_id(reservation.id.ToString());
  proto.set_request_id(reservation.request_id.ToString());
  proto.set_user_id(reservation.user_id);
  proto.set_event_id(reservation.event_id);
  AddSeatIds(reservation.seats, *proto.mutable_seat_ids());
  proto.set_state(static_cast<v1::ReservationState>(reservation.state));
  proto.set_reason(reservation.reason);
  proto.set_message(reservation.message);
  if (!reservation.price.currency.empty()) {
    proto.mutable_price()->set_amount_minor(reservation.price.amount_minor);
    proto.mutable_price()->set_currency(reservation.price.currency);
  }
  *proto.mutable_create_time() = seatsaga::ToProto(reservation.create_time);
  *proto.mutable_update_time() = seatsaga::ToProto(reservation.update_time);
  return proto;
}

v1::ExecuteReservationCommandsResponse ToProto(std::vector<CommandResult> results) {
  v1::ExecuteReservationCommandsResponse response;
  response.mutable_results()->Reserve(static_cast<int>(results.size()));
  for (CommandResult& result : results) *response.add_results() = std::move(result);
  return response;
}

}  // namespace seatsaga::reservation
