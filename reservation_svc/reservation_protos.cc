#include "reservation_svc/reservation_protos.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "common/money.h"
#include "common/time_proto.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "reservation_svc/labels.h"
#include "reservation_svc/lines.h"
#include "reservation_svc/reservation_changes.h"
#include "reservation_svc/seat_changes.h"

namespace seatsaga::reservation {
namespace {

// The step of the saga at which a hold waits to be paid for
// (orchestrator/sagas/reservation_saga.h).
constexpr std::string_view kWaitStep = "await_payment";

using SeatIds = google::protobuf::RepeatedPtrField<std::string>;

void AddSeatIds(std::string_view lines, SeatIds& seat_ids) {
  ForEachLine(lines, [&](std::string_view line) { *seat_ids.Add() = std::string(line); });
}

void Assign(const std::vector<std::string>& from, SeatIds& seat_ids) {
  seat_ids.Assign(from.begin(), from.end());
}

void SetMoney(int64_t amount_minor, const std::string& currency, saga::v1::Money& money) {
  money.set_amount_minor(amount_minor);
  money.set_currency(currency);
}

// What holds, payments and cancellations have added to it.
void AddHistory(const Reservation& reservation, v1::Reservation& proto) {
  if (reservation.mode == Mode::kHold) {
    *proto.mutable_expire_time() = seatsaga::ToProto(reservation.expire_time);
  }
  if (!reservation.failure_reason.empty()) {
    // Once it is confirmed, only a change can fail.
    v1::PaymentFailure& failure = reservation.state == State::kConfirmed
                                      ? *proto.mutable_change_failure()
                                      : *proto.mutable_payment_failure();
    failure.set_reason(reservation.failure_reason);
    failure.set_message(reservation.failure_message);
  }
  if (reservation.has_refund) {
    SetMoney(reservation.refund_minor, reservation.currency, *proto.mutable_refund());
  }
  if (!reservation.terms.empty()) proto.mutable_terms()->ParseFromString(reservation.terms);
}

// What changes of its seats have added to it.
void AddChanges(const Reservation& reservation, const SeatChanges& changes,
                v1::Reservation& proto) {
  for (const PaidPayment& payment : changes.payments) {
    v1::ReservationPayment& added = *proto.add_payments();
    added.set_payment_id(payment.id.ToString());
    SetMoney(payment.amount_minor, reservation.currency, *added.mutable_amount());
    SetMoney(payment.refunded_minor, reservation.currency, *added.mutable_refunded());
  }
  if (changes.under_way == nullptr) return;
  const SeatChange& change = *changes.under_way;
  v1::ReservationChange& shown = *proto.mutable_change();
  shown.set_saga_id(change.saga_id.ToString());
  Assign(change.give_back, *shown.mutable_give_back_seat_ids());
  Assign(change.take, *shown.mutable_seat_ids());
  shown.set_refund_percent(change.refund_percent);
  if (change.take.empty()) {
    SetMoney(PercentOf(change.give_back_minor, change.refund_percent), reservation.currency,
             *shown.mutable_refund());
  }
}

void ToChangeStart(const Reservation& reservation, orchestrator::v1::SagaStart& start) {
  const SeatChanges& changes = *reservation.changes;
  const SeatChange& change = *changes.under_way;
  start.set_saga_id(change.saga_id.ToString());
  orchestrator::v1::ChangeData& data = change.take.empty()
                                           ? *start.mutable_data()->mutable_partial_cancellation()
                                           : *start.mutable_data()->mutable_exchange();
  data.set_reservation_id(reservation.id.ToString());
  data.set_follows_saga_id(changes.saga_id.ToString());
  data.set_event_id(reservation.event_id);
  Assign(change.give_back, *data.mutable_give_back_seat_ids());
  SetMoney(change.give_back_minor, reservation.currency, *data.mutable_give_back_price());
  data.set_refund_percent(change.refund_percent);
  for (const PaidPayment& payment : changes.payments) {
    saga::v1::PaymentPart& left = *data.add_payments();
    left.set_payment_id(payment.id.ToString());
    SetMoney(payment.amount_minor - payment.refunded_minor, reservation.currency,
             *left.mutable_amount());
  }
  Assign(change.take, *data.mutable_seat_ids());
  ForEachLine(reservation.seats, [&](std::string_view seat_id) {
    if (absl::c_linear_search(change.give_back, seat_id)) return;
    data.add_kept_seat_ids(std::string(seat_id));
  });
  data.set_sealed_payment_token(reservation.sealed_token);
}

// What the saga that changed it last must know of its cancellation.
void ToCancellation(const Reservation& reservation, orchestrator::v1::SagaData& data) {
  if (reservation.changes == nullptr || reservation.changes->saga_id == reservation.id) {
    orchestrator::v1::ReservationData& of = *data.mutable_reservation();
    if (reservation.has_refund) {
      SetMoney(reservation.refund_minor, reservation.currency, *of.mutable_refund());
    }
    return;
  }
  orchestrator::v1::ChangeData& of = reservation.changes->exchanged
                                         ? *data.mutable_exchange()
                                         : *data.mutable_partial_cancellation();
  SetMoney(reservation.refund_minor, reservation.currency, *of.mutable_cancellation_refund());
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
    SetMoney(reservation.amount_minor, reservation.currency, *proto.mutable_price());
  }
  *proto.mutable_create_time() = seatsaga::ToProto(reservation.create_time);
  *proto.mutable_update_time() = seatsaga::ToProto(reservation.update_time);
  proto.set_mode(reservation.mode == Mode::kHold ? v1::RESERVATION_MODE_HOLD
                                                 : v1::RESERVATION_MODE_PAY_NOW);
  AddHistory(reservation, proto);
  if (reservation.marks != nullptr) {
    proto.set_external_ref(reservation.marks->external_ref);
    AddLabels(reservation.marks->labels, *proto.mutable_labels());
  }
  proto.set_etag(EtagOf(reservation));
  proto.set_saga_id(LastSagaId(reservation).ToString());
  proto.mutable_seat_prices_minor()->Assign(reservation.seat_prices.begin(),
                                            reservation.seat_prices.end());
  if (reservation.changes != nullptr) AddChanges(reservation, *reservation.changes, proto);
}

void ToSagaStart(const Reservation& reservation, orchestrator::v1::SagaStart& start) {
  if (reservation.state == State::kChanging) return ToChangeStart(reservation, start);
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
  signal.set_saga_id(LastSagaId(reservation).ToString());
  if (reservation.state == State::kCancelling) {
    return ToCancellation(reservation, *signal.mutable_cancel()->mutable_data());
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
