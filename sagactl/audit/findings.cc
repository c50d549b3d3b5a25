#include "sagactl/audit/findings.h"

#include <algorithm>
#include <tuple>

#include "common/text.h"
#include "sagactl/audit/checks.h"

namespace seatsaga::cli {
namespace {

void Sort(std::vector<Finding>& findings) {
  std::ranges::sort(findings, [](const Finding& a, const Finding& b) {
    return std::tie(a.kind, a.subject, a.evidence) < std::tie(b.kind, b.subject, b.evidence);
  });
}

void CountCases(const audit::Index& index, AuditCounts& counts) {
  for (const auto& [id, one] : index.cases()) {
    if (one.reservation != nullptr) {
      ++counts.reservations;
      counts.confirmed += one.confirmed() ? 1 : 0;
      counts.cancelled +=
          one.reservation->state == reservation::v1::RESERVATION_STATE_CANCELLED ? 1 : 0;
    }
    counts.payments += static_cast<int64_t>(one.own_payments.size());
    counts.in_flight += one.stage() == audit::Stage::kInFlight ? 1 : 0;
    counts.parked += one.stage() == audit::Stage::kParked ? 1 : 0;
  }
}

void CountSeats(const Snapshot& snapshot, AuditCounts& counts) {
  counts.events = static_cast<int64_t>(snapshot.events.size());
  for (const auto& [event_id, event] : snapshot.events) {
    counts.seats += static_cast<int64_t>(event.seats.size());
    counts.reserved_seats += std::ranges::count_if(event.seats, &SeatRow::reserved);
  }
}

}  // namespace

std::string_view NameOf(FindingKind kind) {
  switch (kind) {
    case FindingKind::kSeatSoldTwice:
      return "seat_sold_twice";
    case FindingKind::kChargeWithoutReservation:
      return "charge_without_reservation";
    case FindingKind::kPaymentUnsettled:
      return "payment_unsettled";
    case FindingKind::kRefundMismatch:
      return "refund_mismatch";
    case FindingKind::kConfirmedWithoutCharge:
      return "confirmed_without_charge";
    case FindingKind::kConfirmedWithoutSeats:
      return "confirmed_without_seats";
    case FindingKind::kHeldWithoutSeats:
      return "held_without_seats";
    case FindingKind::kPriceMismatch:
      return "price_mismatch";
    case FindingKind::kSagaOverdue:
      return "saga_overdue";
    case FindingKind::kParkedWithoutReason:
      return "parked_without_reason";
    case FindingKind::kLedgerUnbalanced:
      return "ledger_unbalanced";
    case FindingKind::kLedgerDiffersFromPayments:
      return "ledger_differs_from_payments";
    case FindingKind::kMoneyNotConserved:
      return "money_not_conserved";
    case FindingKind::kSeatWithoutReservation:
      return "seat_without_reservation";
    case FindingKind::kSeatStateInconsistent:
      return "seat_state_inconsistent";
    case FindingKind::kCapacityMismatch:
      return "capacity_mismatch";
    case FindingKind::kStateMismatch:
      return "state_mismatch";
    case FindingKind::kSagaWithoutReservation:
      return "saga_without_reservation";
    case FindingKind::kReservationWithoutSaga:
      return "reservation_without_saga";
    case FindingKind::kInFlight:
      return "in_flight";
    case FindingKind::kAttention:
      return "attention";
  }
  return "";
}

std::string_view InvariantOf(FindingKind kind) {
  switch (kind) {
    case FindingKind::kSeatSoldTwice:
      return "I1";
    case FindingKind::kChargeWithoutReservation:
    case FindingKind::kPaymentUnsettled:
    case FindingKind::kRefundMismatch:
      return "I2";
    case FindingKind::kConfirmedWithoutCharge:
    case FindingKind::kConfirmedWithoutSeats:
    case FindingKind::kHeldWithoutSeats:
    case FindingKind::kPriceMismatch:
      return "I3";
    case FindingKind::kSagaOverdue:
    case FindingKind::kParkedWithoutReason:
    case FindingKind::kAttention:
      return "I4";
    case FindingKind::kLedgerUnbalanced:
    case FindingKind::kLedgerDiffersFromPayments:
    case FindingKind::kMoneyNotConserved:
      return "I7";
    case FindingKind::kSeatWithoutReservation:
    case FindingKind::kSeatStateInconsistent:
    case FindingKind::kCapacityMismatch:
      return "I8";
    case FindingKind::kStateMismatch:
    case FindingKind::kSagaWithoutReservation:
    case FindingKind::kReservationWithoutSaga:
      return "I10";
    case FindingKind::kInFlight:
      return "";
  }
  return "";
}

AuditFindings Audit(const Snapshot& snapshot, const AuditOptions& options) {
  const audit::Index index(snapshot);
  AuditFindings out;
  CountCases(index, out.counts);
  CountSeats(snapshot, out.counts);
  audit::CheckSagas(index, options, out);
  audit::CheckStates(index, out);
  audit::CheckCharges(index, out);
  audit::CheckOwnedSeats(index, out);
  audit::CheckHeldSeats(index, out);
  audit::CheckCapacity(index, out);
  audit::CheckLedger(index, out);
  Sort(out.findings);
  Sort(out.warnings);
  return out;
}

}  // namespace seatsaga::cli
