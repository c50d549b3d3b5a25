#pragma once

#include <string>
#include <string_view>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "sagactl/audit/findings.h"
#include "sagactl/audit/snapshot.h"

// Inside the audit: the join over the services, and the checks on it.
namespace seatsaga::cli::audit {

enum class Stage {
  kInFlight,  // its partial effects are what a saga looks like under way
  kParked,    // the same, until an operator acts
  kSettled,   // everything must fit
};

// All that is known of one id. A missing part is null.
struct Case {
  const ReservationRow* reservation = nullptr;
  const SagaRow* saga = nullptr;
  const PaymentRow* payment = nullptr;

  Stage stage() const;
  bool is(reservation::v1::ReservationState state) const {
    return reservation != nullptr && reservation->state == state;
  }
  bool confirmed() const { return is(reservation::v1::RESERVATION_STATE_CONFIRMED); }
};

// Views into a snapshot, which must outlive it.
class Index {
 public:
  explicit Index(const Snapshot& snapshot);

  const Snapshot& snapshot() const { return snapshot_; }
  // In the order of ids, so that two audits of the same data say the same.
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

// A finding about one reservation, its saga and its payment.
Finding About(FindingKind kind, const Id& id, std::string evidence);

}  // namespace seatsaga::cli::audit
