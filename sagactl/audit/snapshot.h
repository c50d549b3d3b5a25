#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "common/id.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"
#include "seatsaga/payment/v1/payment.pb.h"
#include "seatsaga/reservation/v1/reservation.pb.h"

// What the four services said, cut down to what the audit compares. Values; not thread-safe.
//
// The services are read one after another while the system may be moving, so a snapshot does not
// show one instant. It can still be compared if it was read in this order: ledger, sagas,
// reservations, payments, seats, ledger. Once a saga is terminal, nothing it did changes any more,
// unless a client cancels what was confirmed. That is why findings are read again (source.h).
namespace seatsaga::cli {

struct Amount {
  int64_t minor = 0;
  std::string currency;
  friend bool operator==(const Amount&, const Amount&) = default;
};

// What a reservation says of one of its payments.
struct PaidRow {
  Id id;
  Amount amount;
  int64_t refunded_minor = 0;
};

// What is being changed.
struct ChangeRow {
  Id saga_id;
  std::vector<std::string> seat_ids;  // to take
};

struct ReservationRow {
  reservation::v1::ReservationState state = reservation::v1::RESERVATION_STATE_UNSPECIFIED;
  std::string event_id;
  std::vector<std::string> seat_ids;
  Amount price;  // set once HELD or CONFIRMED
  absl::Time create_time;
  absl::Time update_time;        // when its state last changed
  std::optional<Amount> refund;  // what the cancellation of a CONFIRMED one pays back
  Id saga_id;                    // that changed it last
  std::optional<ChangeRow> change;
  std::vector<PaidRow> payments;     // empty: one of `price`
  std::vector<int64_t> seat_prices;  // of each seat; empty: not known, or all are the same
};

struct SagaRow {
  Id reservation_id;
  Id follows;  // the saga before it; all zero: there is none
  orchestrator::v1::SagaState state = orchestrator::v1::SAGA_STATE_UNSPECIFIED;
  std::string step;
  std::string reason;
  std::string next_action;
  bool needs_attention = false;
  std::optional<absl::Time> due_time;
  absl::Time create_time;
  absl::Time update_time;
  std::vector<std::string> seat_ids;  // that it names, while it is not terminal
};

struct PaymentRow {
  Id reservation_id;
  payment::v1::PaymentState state = payment::v1::PAYMENT_STATE_UNSPECIFIED;
  Amount amount;
  int64_t refunded_minor = 0;
};

struct SeatRow {
  std::string seat_id;
  bool reserved = false;
  std::optional<Id> holder;
  int64_t price_minor = 0;
};

struct EventRow {
  std::string currency;
  int64_t seat_count = 0;
  // The service's own count of free seats, before and after its seats were read: when they differ,
  // the event was moving.
  int64_t available_before = 0;
  int64_t available_after = 0;
  std::vector<SeatRow> seats;
};

// By account, then currency, in minor units.
using Ledger = std::map<std::string, std::map<std::string, int64_t>>;

struct Snapshot {
  absl::Time read_time;  // when reading began
  Ledger ledger_before;
  Ledger ledger_after;
  absl::flat_hash_map<Id, SagaRow> sagas;
  absl::flat_hash_map<Id, ReservationRow> reservations;
  absl::flat_hash_map<Id, PaymentRow> payments;  // by their own ids, as sagas
  std::map<std::string, EventRow> events;
};

}  // namespace seatsaga::cli
