#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "sagactl/audit/findings.h"
#include "sagactl/audit/snapshot.h"

// Inside the audit: the join over the services, and the checks on it.
namespace seatsaga::cli::audit {

enum class Stage {
  kInFlight,  // its partial effects are what a saga looks like under way
  kParked,    // the same, until an operator acts
  kSettled,   // everything must fit
};

// All that is known of one reservation.
struct Case {
  // One of its sagas or payments. Points into the snapshot.
  template <class Row>
  using Part = std::pair<const Id, Row>;

  const ReservationRow* reservation = nullptr;  // null: unknown to reservation_svc
  // In the order of ids, so from the oldest to the newest. Mostly one of each.
  absl::InlinedVector<const Part<SagaRow>*, 1> own_sagas;
  absl::InlinedVector<const Part<PaymentRow>*, 1> own_payments;

  Stage stage() const;
  // The id of the saga that decides what becomes of the reservation: that of the change under way
  // or, if there is none, the one that changed it last. Undefined without a reservation.
  const Id& saga_id() const {
    return reservation->change.has_value() ? reservation->change->saga_id : reservation->saga_id;
  }
  // That saga. Null if the orchestrator does not know it, or there is no reservation.
  const SagaRow* saga() const { return reservation == nullptr ? nullptr : FindSaga(saga_id()); }
  // Null if it has none with this id.
  const SagaRow* FindSaga(const Id& id) const;
  const PaymentRow* FindPayment(const Id& id) const;
  bool is(reservation::v1::ReservationState state) const {
    return reservation != nullptr && reservation->state == state;
  }
  bool confirmed() const { return is(reservation::v1::RESERVATION_STATE_CONFIRMED); }
  bool changing() const { return is(reservation::v1::RESERVATION_STATE_CHANGING); }
  // Whether it must have all its seats, and be paid for. Until a change is decided, it is as
  // before.
  bool stands() const { return confirmed() || changing(); }
};

// Views into a snapshot, which must outlive it.
class Index {
 public:
  explicit Index(const Snapshot& snapshot);

  const Snapshot& snapshot() const { return snapshot_; }
  // By the reservations' ids, and in their order, so that two audits of the same data say the same.
  const absl::btree_map<Id, Case>& cases() const { return cases_; }
  // An empty case if the id is nowhere.
  Case Find(const Id& id) const;
  // Null if the event has no such seat.
  const SeatRow* FindSeat(std::string_view event_id, std::string_view seat_id) const;

 private:
  const Snapshot& snapshot_;
  absl::btree_map<Id, Case> cases_;
  absl::flat_hash_map<std::string_view, absl::flat_hash_map<std::string_view, const SeatRow*>>
      seats_;
};

// Each adds what it finds.
void CheckSagas(const Index& index, const AuditOptions& options, AuditFindings& out);
void CheckStates(const Index& index, AuditFindings& out);
void CheckCharges(const Index& index, AuditFindings& out);
void CheckOwnedSeats(const Index& index, AuditFindings& out);
void CheckHeldSeats(const Index& index, AuditFindings& out);
void CheckCapacity(const Index& index, AuditFindings& out);
void CheckLedger(const Index& index, AuditFindings& out);

// A finding about one reservation, its sagas and its payments.
Finding About(FindingKind kind, const Id& id, std::string evidence);

}  // namespace seatsaga::cli::audit
