#pragma once

#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cluster/stories.h"
#include "common/id.h"
#include "common/sealed_token.h"
#include "common/text.h"
#include "tests/contract/commands.h"
#include "tests/harness/test_cluster.h"

// Every step of the sagas, as its participant sees it. To add a step: add one row to Steps().
namespace seatsaga::contract {

using cluster::Service;

inline constexpr const char* kEvent = "hamlet";
inline constexpr int64_t kPrice = cluster::kSeatPriceMinor;

// What commands are made from, and where their effects are looked at.
struct World {
  cluster::Cluster& cluster;
  TokenSealer sealer;
  int used_seats = 0;
  int used_currencies = 0;

  cluster::Clients& clients() { return cluster.clients(); }
};

// One run of a step, with resources that no other run touches.
struct Run {
  std::string saga_id;
  std::string seat_id;   // a free seat
  std::string currency;  // of its own, so that the ledger shows this run's money alone
  uint64_t fencing_token = 0;
};

struct StepRow {
  const char* name;
  Service service;
  // Makes what must be there before: for most steps, nothing but the run's resources.
  std::function<Run(World&)> prepare;
  // Null where the step has none.
  std::function<Command(World&, const Run&)> action;
  std::function<Command(World&, const Run&)> other_action;  // the same key with another body
  std::function<Command(World&, const Run&)> refused_action;
  std::function<Command(World&, const Run&)> compensation;
  std::function<Command(World&, const Run&)> other_compensation;
  // The effect as anybody sees it, and what it must be.
  std::function<std::string(World&, const Run&)> observe;
  std::string untouched;
  std::string acted;
  std::string undone;
};

template <class Request>
Request WithKey(const Run& run, const char* step) {
  Request request;
  request.set_saga_id(run.saga_id);
  request.set_step(step);
  request.set_fencing_token(run.fencing_token);
  return request;
}

// --- seats
// --------------------------------------------------------------------------------------------

inline Run FreshRun(World& world) {
  Run run;
  run.saga_id = cluster::NewId();
  run.seat_id = cluster::SeatId(world.used_seats / 100, world.used_seats % 100 + 1);
  ++world.used_seats;
  const int n = world.used_currencies++;
  run.currency = {static_cast<char>('A' + n / 676), static_cast<char>('A' + n / 26 % 26),
                  static_cast<char>('A' + n % 26)};
  return run;
}

inline seat::v1::ReserveSeatsRequest ReserveSeat(const Run& run, const std::string& seat_id) {
  auto request = WithKey<seat::v1::ReserveSeatsRequest>(run, "reserve_seats");
  request.set_event_id(kEvent);
  request.add_seat_ids(seat_id);
  return request;
}

// "AVAILABLE", or "RESERVED by it", or by whom else.
inline std::string ObserveSeat(World& world, const Run& run) {
  seat::v1::ListSeatsRequest request;
  request.set_event_id(kEvent);
  request.set_page_size(10'000);
  const auto answer = world.clients().Call(request);
  if (!answer.ok()) return answer.status().ToString();
  for (const auto& seat : answer->seats()) {
    if (seat.seat_id() != run.seat_id) continue;
    if (seat.state() == seat::v1::SEAT_STATE_AVAILABLE) return "AVAILABLE";
    return seat.reservation_id() == run.saga_id ? "RESERVED by it"
                                                : "RESERVED by " + seat.reservation_id();
  }
  return "no such seat";
}

// --- payments
// -----------------------------------------------------------------------------------------

inline payment::v1::ChargePaymentRequest Charge(World& world, const Run& run, int64_t amount_minor,
                                                const char* token) {
  auto request = WithKey<payment::v1::ChargePaymentRequest>(run, "charge_payment");
  request.mutable_amount()->set_amount_minor(amount_minor);
  request.mutable_amount()->set_currency(run.currency);
  // Sealing is random; the same command must have the same bytes.
  static std::map<std::string, std::string> sealed;
  std::string& bytes = sealed[Cat(run.saga_id, token)];
  if (bytes.empty()) bytes = world.sealer.Seal(token, Id::Parse(run.saga_id).value_or(Id()));
  request.set_sealed_payment_token(bytes);
  return request;
}

// "CAPTURED, 2500 in the ledger".
inline std::string ObservePayment(World& world, const Run& run) {
  int64_t balance = 0;
  const auto ledger = world.clients().Call(payment::v1::GetLedgerRequest());
  if (!ledger.ok()) return ledger.status().ToString();
  for (const auto& account : ledger->balances()) {
    if (account.currency() == run.currency && account.account() == "provider") {
      balance += account.balance_minor();
    }
  }
  const auto payment = cluster::GetPayment(world.clients(), run.saga_id);
  std::string state = "none";
  if (payment.ok()) {
    state = payment::v1::PaymentState_Name(payment->state()).substr(strlen("PAYMENT_STATE_"));
  } else if (!absl::IsNotFound(payment.status())) {
    return payment.status().ToString();
  }
  return Cat(state, ", ", balance, " in the ledger");
}

// --- reservations
// -------------------------------------------------------------------------------------

// A PENDING reservation; its saga does not start, for no orchestrator runs.
inline Run PendingReservation(World& world) {
  Run run = FreshRun(world);
  const auto reservation =
      cluster::Submit(world.clients(), cluster::Reserve(kEvent, {run.seat_id}));
  if (reservation.ok()) run.saga_id = reservation->reservation_id();
  return run;
}

inline reservation::v1::ConfirmReservation Confirm(const Run& run, int64_t price) {
  auto command = WithKey<reservation::v1::ConfirmReservation>(run, "confirm_reservation");
  command.mutable_price()->set_amount_minor(price);
  command.mutable_price()->set_currency("EUR");
  return command;
}

inline reservation::v1::CancelReservation Cancel(const Run& run, const char* reason) {
  auto command = WithKey<reservation::v1::CancelReservation>(run, "create_reservation");
  command.set_reason(reason);
  command.set_message("in words");
  return command;
}

inline std::string ObserveReservation(World& world, const Run& run) {
  const auto reservation = cluster::GetReservation(world.clients(), run.saga_id);
  if (!reservation.ok()) return reservation.status().ToString();
  const auto& state = reservation::v1::ReservationState_Name(reservation->state());
  return Cat(state.substr(strlen("RESERVATION_STATE_")), reservation->reason().empty() ? "" : " ",
             reservation->reason());
}

// --- the table
// ----------------------------------------------------------------------------------------

inline std::vector<StepRow> Steps() {
  return {
      {.name = "seat_svc: reserve_seats",
       .service = Service::kSeat,
       .prepare = FreshRun,
       .action = [](World&, const Run& run) { return ReserveSeat(run, run.seat_id); },
       .other_action = [](World&, const Run& run) { return ReserveSeat(run, "stalls/Z/1"); },
       .refused_action = [](World&, const Run& run) { return ReserveSeat(run, "stalls/Z/9999"); },
       .compensation =
           [](World&, const Run& run) {
             return WithKey<seat::v1::ReleaseSeatsRequest>(run, "reserve_seats");
           },
       .observe = ObserveSeat,
       .untouched = "AVAILABLE",
       .acted = "RESERVED by it",
       .undone = "AVAILABLE"},

      {.name = "payment_svc: charge_payment",
       .service = Service::kPayment,
       .prepare = FreshRun,
       .action = [](World& world,
                    const Run& run) { return Charge(world, run, kPrice, "tok_visa"); },
       .other_action = [](World& world,
                          const Run& run) { return Charge(world, run, kPrice + 1, "tok_visa"); },
       .refused_action = [](World& world,
                            const Run& run) { return Charge(world, run, kPrice, "tok_declined"); },
       .compensation =
           [](World&, const Run& run) {
             return WithKey<payment::v1::RefundPaymentRequest>(run, "charge_payment");
           },
       .observe = ObservePayment,
       .untouched = "none, 0 in the ledger",
       .acted = "CAPTURED, 2500 in the ledger",
       .undone = "REFUNDED, 0 in the ledger"},

      {.name = "reservation_svc: confirm_reservation",  // the pivot: no compensation
       .service = Service::kReservation,
       .prepare = PendingReservation,
       .action = [](World&, const Run& run) { return Confirm(run, kPrice); },
       .other_action = [](World&, const Run& run) { return Confirm(run, kPrice + 1); },
       .observe = ObserveReservation,
       .untouched = "PENDING",
       .acted = "CONFIRMED"},

      {.name = "reservation_svc: create_reservation",  // the facade itself acts: only the undo
       .service = Service::kReservation,
       .prepare = PendingReservation,
       .compensation = [](World&, const Run& run) { return Cancel(run, "SEAT_NOT_AVAILABLE"); },
       .other_compensation = [](World&, const Run& run) { return Cancel(run, "PAYMENT_DECLINED"); },
       .observe = ObserveReservation,
       .untouched = "PENDING",
       .acted = "PENDING",
       .undone = "CANCELLED SEAT_NOT_AVAILABLE"},
  };
}

}  // namespace seatsaga::contract
