#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/id.h"
#include "sagactl/audit/snapshot.h"

namespace seatsaga::cli {

// What can be found, in the order of reports. The comment names the invariant of
// docs/invariants.md.
enum class FindingKind {
  kSeatSoldTwice,              // I1
  kChargeWithoutReservation,   // I2
  kPaymentUnsettled,           // I2
  kRefundMismatch,             // I2
  kConfirmedWithoutCharge,     // I3
  kConfirmedWithoutSeats,      // I3
  kHeldWithoutSeats,           // I3
  kPriceMismatch,              // I3
  kSagaOverdue,                // I4
  kParkedWithoutReason,        // I4
  kLedgerUnbalanced,           // I7
  kLedgerDiffersFromPayments,  // I7
  kMoneyNotConserved,          // I7
  kSeatWithoutReservation,     // I8
  kSeatStateInconsistent,      // I8
  kCapacityMismatch,           // I8
  kStateMismatch,              // I10
  kSagaWithoutReservation,     // I10
  kReservationWithoutSaga,     // I10
  kInFlight,                   // only where nothing may be in flight
  kAttention,                  // a warning: parked, or flagged for an operator
};

// "seat_sold_twice"; part of the JSON output.
std::string_view NameOf(FindingKind kind);
// "I1"; empty for in_flight.
std::string_view InvariantOf(FindingKind kind);

struct Finding {
  FindingKind kind = FindingKind::kInFlight;
  // What it is about: "reservation <id>", "seat <event> <seat>", "event <id>", "ledger EUR".
  // Together with the kind it tells a finding from any other.
  std::string subject;
  // What was seen, in one sentence with its values.
  std::string evidence;
  // What to read again to confirm it. Neither is set for findings about sums over everything.
  std::optional<Id> id;
  std::string event_id;
};

struct AuditCounts {
  int64_t reservations = 0;
  int64_t confirmed = 0;
  int64_t cancelled = 0;
  int64_t in_flight = 0;
  int64_t parked = 0;
  int64_t payments = 0;
  int64_t events = 0;
  int64_t seats = 0;
  int64_t reserved_seats = 0;
  // Captured and not refunded, by currency, in minor units, from the ledger.
  std::map<std::string, int64_t> net_captured;
};

struct AuditFindings {
  std::vector<Finding> findings;  // sorted by kind and subject
  std::vector<Finding> warnings;  // sorted by subject
  // What could not be compared, and why.
  std::vector<std::string> notes;
  AuditCounts counts;
};

struct AuditOptions {
  // Reports every saga in flight, so that nothing is excused because it is under way.
  bool quiescent = false;
};

// Checks the snapshot against the invariants. Pure; thread-safe.
AuditFindings Audit(const Snapshot& snapshot, const AuditOptions& options = {});

}  // namespace seatsaga::cli
