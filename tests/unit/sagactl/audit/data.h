#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/id.h"
#include "common/text.h"
#include "sagactl/audit/snapshot.h"

// What the audit's tests start from: a sound snapshot with one of each kind of reservation.
namespace seatsaga::cli {

namespace ov1 = orchestrator::v1;
namespace pv1 = payment::v1;
namespace rv1 = reservation::v1;

inline const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

inline Id IdOf(int number) {
  return *Id::Parse(Cat("00000000-0000-7000-8000-00000000000", number));
}

// Reservation 1 is confirmed with seats 1 and 2, 2 is cancelled after a refund, 3 is in flight and
// holds seat 3, 4 is parked with its charge, 5 waits in the facade's outbox; seat 4 is free.
class Clean {
 public:
  Snapshot s;

  Clean() {
    s.read_time = kNow;
    AddCase(1, ov1::SAGA_STATE_COMPLETED, rv1::RESERVATION_STATE_CONFIRMED, {"a/1", "a/2"});
    AddCase(2, ov1::SAGA_STATE_COMPENSATED, rv1::RESERVATION_STATE_CANCELLED, {"a/1"});
    AddCase(3, ov1::SAGA_STATE_RUNNING, rv1::RESERVATION_STATE_PENDING, {"a/3"});
    AddCase(4, ov1::SAGA_STATE_PARKED, rv1::RESERVATION_STATE_PENDING, {"a/4"});
    AddCase(5, ov1::SAGA_STATE_RUNNING, rv1::RESERVATION_STATE_PENDING, {"a/4"});
    s.sagas.erase(IdOf(5));
    Reservation(1).price = {200, "EUR"};
    Pay(1, pv1::PAYMENT_STATE_CAPTURED, 200);
    Pay(2, pv1::PAYMENT_STATE_REFUNDED, 100, 100);
    Pay(3, pv1::PAYMENT_STATE_PENDING, 100);
    Pay(4, pv1::PAYMENT_STATE_CAPTURED, 100);
    Saga(4).reason = "COMPENSATION_KEEPS_FAILING";
    Saga(4).next_action = "retry it";
    Saga(4).needs_attention = true;
    EventRow& event = s.events["hamlet"];
    event.currency = "EUR";
    event.seat_count = 4;
    event.available_before = event.available_after = 1;
    for (int i = 1; i <= 4; ++i) event.seats.push_back({Cat("a/", i), false, {}, 100});
    Hold(1, 1);
    Hold(2, 1);
    Hold(3, 3);
    SetNet(300);
  }

  // Reservation 6, which holds seat 4 until it is paid for.
  void AddHeld() {
    AddCase(6, ov1::SAGA_STATE_WAITING, rv1::RESERVATION_STATE_HELD, {"a/4"});
    Saga(6).step = "await_payment";
    Saga(6).due_time = kNow + absl::Minutes(10);
    Reservation(6).price = {100, "EUR"};
    Hold(4, 6);
    Event().available_before = Event().available_after = 0;
  }
  // Reservation 7, which was confirmed, and whose cancellation paid 30 of 100 back.
  void AddPaidBack() {
    AddCase(7, ov1::SAGA_STATE_COMPENSATED, rv1::RESERVATION_STATE_CANCELLED, {"a/4"});
    Reservation(7).price = {100, "EUR"};
    Reservation(7).refund = {30, "EUR"};
    Pay(7, pv1::PAYMENT_STATE_PARTIALLY_REFUNDED, 100, 30);
    SetNet(370);
  }
  // Saga 8 has exchanged seat 2 of reservation 1 for seat 4, which costs 50 more. Then saga 9 gave
  // seat 1 back, for half of its price: of the first payment 50 were paid back.
  void AddChanged() {
    AddChange(8, 1, ov1::SAGA_STATE_COMPLETED);
    AddChange(9, 8, ov1::SAGA_STATE_COMPLETED);
    Seat(4).price_minor = 150;
    Free(1);
    Free(2);
    Hold(4, 1);
    Event().available_before = Event().available_after = 2;
    ReservationRow& reservation = Reservation(1);
    reservation.seat_ids = {"a/4"};
    reservation.price = {150, "EUR"};
    reservation.saga_id = IdOf(9);
    reservation.payments = {{IdOf(1), {200, "EUR"}, 50}, {IdOf(8), {50, "EUR"}}};
    Pay(1, pv1::PAYMENT_STATE_PARTIALLY_REFUNDED, 200, 50);
    Pay(8, pv1::PAYMENT_STATE_CAPTURED, 50, 0, 1);
    SetNet(300);
  }
  // Saga 8 is about to exchange seat 2 of reservation 1 for seat 4.
  void AddChanging() {
    AddChange(8, 1, ov1::SAGA_STATE_RUNNING);
    Saga(8).seat_ids = {"a/4", "a/2"};
    Reservation(1).state = rv1::RESERVATION_STATE_CHANGING;
    Reservation(1).change = ChangeRow{IdOf(8), {"a/4"}};
  }
  // A later saga of reservation 1.
  void AddChange(int number, int follows, ov1::SagaState state) {
    s.sagas[IdOf(number)] = {.reservation_id = IdOf(1),
                             .follows = IdOf(follows),
                             .state = state,
                             .step = state == ov1::SAGA_STATE_RUNNING ? "charge_payment" : "",
                             .create_time = kNow - absl::Seconds(3),
                             .update_time = kNow - absl::Seconds(1)};
  }
  // The payment of one saga; `reservation` 0: of its first one.
  void Pay(int number, pv1::PaymentState state, int64_t minor, int64_t refunded_minor = 0,
           int reservation = 0) {
    s.payments[IdOf(number)] = {.reservation_id = IdOf(reservation == 0 ? number : reservation),
                                .state = state,
                                .amount = {minor, "EUR"},
                                .refunded_minor = refunded_minor};
  }
  // Reservation 1 is being cancelled, since then.
  void Cancel(ov1::SagaState saga, absl::Duration ago = absl::Seconds(1)) {
    Saga(1).state = saga;
    Reservation(1).state = rv1::RESERVATION_STATE_CANCELLING;
    Reservation(1).update_time = kNow - ago;
    Reservation(1).refund = {50, "EUR"};
  }

  SagaRow& Saga(int number) { return s.sagas.at(IdOf(number)); }
  ReservationRow& Reservation(int number) { return s.reservations.at(IdOf(number)); }
  PaymentRow& Payment(int number) { return s.payments.at(IdOf(number)); }
  EventRow& Event() { return s.events.at("hamlet"); }
  SeatRow& Seat(int number) { return Event().seats[static_cast<size_t>(number - 1)]; }

  void Hold(int seat, int reservation) {
    Seat(seat).reserved = true;
    Seat(seat).holder = IdOf(reservation);
  }
  void Free(int seat) {
    Seat(seat).reserved = false;
    Seat(seat).holder.reset();
    ++Event().available_before;
    ++Event().available_after;
  }
  void SetNet(int64_t minor) {
    s.ledger_after = {{"provider", {{"EUR", minor}}}, {"customers", {{"EUR", -minor}}}};
    s.ledger_before = s.ledger_after;
  }

 private:
  void AddCase(int number, ov1::SagaState saga, rv1::ReservationState reservation,
               std::vector<std::string> seats) {
    const bool live = saga == ov1::SAGA_STATE_RUNNING;
    s.sagas[IdOf(number)] = {.reservation_id = IdOf(number),
                             .state = saga,
                             .step = live ? "charge_payment" : "",
                             .create_time = kNow - absl::Seconds(5),
                             .update_time = kNow - absl::Seconds(1)};
    s.reservations[IdOf(number)] = {.state = reservation,
                                    .event_id = "hamlet",
                                    .seat_ids = std::move(seats),
                                    .price = {},
                                    .create_time = kNow - absl::Seconds(5),
                                    .update_time = kNow - absl::Seconds(1),
                                    .refund = std::nullopt,
                                    .saga_id = IdOf(number)};
  }
};

}  // namespace seatsaga::cli
