#include "reservation_svc/reservation_protos.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "common/time_proto.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "reservation_svc/reservation_changes.h"

namespace seatsaga::reservation {
namespace {

// The step of the saga at which a hold waits to be paid for
// (orchestrator/sagas/reservation_saga.h).
constexpr std::string_view kWaitStep = "await_payment";

void AddSeatIds(std::string_view lines, google::protobuf::RepeatedPtrField<std::string>& seat_ids) {
  while (!lines.empty()) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    *seat_ids.Add() = std::string(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
}

// What holds, payments and cancellations have added to it.
void AddHistory(const Reservation& reservation, v1::Reservation& proto) {
  if (reservation.mode == Mode::kHold) {
    *proto.mutable_expire_time() = seatsaga::ToProto(reservation.expire_time);
  }
  if (!reservation.failure_reason.empty()) {
    proto.mutable_payment_failure()->set_reason(reservation.failure_reason);
    proto.mutable_payment_failure()->set_message(reservation.failure_message);
  }
  if (reservation.has_refund) {
    proto.mutable_refund()->set_amount_minor(reservation.refund_minor);
    proto.mutable_refund()->set_currency(reservation.currency);
  }
  if (!reservation.terms.empty()) proto.mutable_terms()->ParseFromString(reservation.terms);
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
  proto.set_mode(reservation.mode == Mode::kHold ? v1::RESERVATION_MODE_HOLD
                                                 : v1::RESERVATION_MODE_PAY_NOW);
  AddHistory(reservation, proto);
  proto.set_etag(EtagOf(reservation));
}

void ToSagaStart(const Reservation& reservation, orchestrator::v1::SagaStart& start) {
  start.set_saga_id(reservation.id.ToString());
  orchestrator::v1::ReservationData& data = *start.mutable_data()->mutable_reservation();
  data.set_user_id(reservation.user_id);
  data.set_event_id(reservation.event_id);
  AddSeatIds(reservation.seats, *data.mutable_seat_ids());
  data.set_sealed_payment_token(reservation.sealed_token);
  if (reservation.mode == Mode::kHold) {
    *data.mutable_hold_duration() =
        seatsaga::ToProto(reservation.expire_time - reservation.create_time);
  }
}

void ToSignal(const Reservation& reservation, orchestrator::v1::SagaSignal& signal) {
  signal.set_saga_id(reservation.id.ToString());
  if (reservation.state == State::kCancelling) {
    auto& data = *signal.mutable_cancel()->mutable_data()->mutable_reservation();
    if (!reservation.has_refund) return;
    saga::v1::Money& refund = *data.mutable_refund();
    refund.set_amount_minor(reservation.refund_minor);
    refund.set_currency(reservation.currency);
    return;
  }
  orchestrator::v1::ResumeSaga& resume = *signal.mutable_resume();
  resume.set_step(std::string(kWaitStep));
  resume.set_round(reservation.hold_round);
  resume.mutable_data()->mutable_reservation()->set_sealed_payment_token(reservation.sealed_token);
}

void ToExtension(const Id& reservation_id, absl::Duration hold_duration,
                 orchestrator::v1::SagaSignal& signal) {
  signal.set_saga_id(reservation_id.ToString());
  *signal.mutable_extend_hold()->mutable_hold_duration() = seatsaga::ToProto(hold_duration);
}

}  // namespace seatsaga::reservation
