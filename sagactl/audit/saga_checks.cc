#include <algorithm>

#include "common/text.h"
#include "sagactl/audit/checks.h"
#include "sagactl/format.h"

// That sagas make progress (I4), and that their reservations agree with them (I10).
namespace seatsaga::cli::audit {
namespace {

namespace ov1 = orchestrator::v1;
namespace rv1 = reservation::v1;

// How late the engine may be, since its clock and this machine's may differ. Far above the deadline
// of any attempt.
constexpr absl::Duration kGrace = absl::Minutes(1);

// Empty unless the client has paid or cancelled, and the saga should have heard of it from the
// facade.
std::string UntoldEvidence(const Case& one, absl::Time now) {
  const bool waits = one.saga->state == ov1::SAGA_STATE_WAITING;
  const bool paid = one.is(rv1::RESERVATION_STATE_PENDING) && waits;
  const bool cancelled =
      one.is(rv1::RESERVATION_STATE_CANCELLING) && (waits || IsTerminal(one.saga->state));
  if (!paid && !cancelled) return "";
  const absl::Duration age = now - one.reservation->update_time;
  if (age <= kGrace) return "";
  return Cat("the reservation has been ", NameOf(one.reservation->state), " for ",
             HumanDuration(age), ", but its saga is still ", NameOf(one.saga->state));
}

// Empty if the saga moves as it should at `now`.
std::string OverdueEvidence(const Case& one, absl::Time now) {
  if (std::string untold = UntoldEvidence(one, now); !untold.empty()) return untold;
  const SagaRow& saga = *one.saga;
  if (IsTerminal(saga.state)) return "";
  if (saga.due_time.has_value()) {
    const absl::Duration late = now - *saga.due_time;
    if (late <= kGrace) return "";
    return Cat(NameOf(saga.state), " at ", saga.step, ", due ", HumanDuration(late), " ago");
  }
  // It waits for an answer, and no attempt may wait that long. A WAITING saga may wait for a
  // signal.
  const absl::Duration still = now - saga.update_time;
  if (still <= kGrace || saga.state == ov1::SAGA_STATE_WAITING) return "";
  return Cat(NameOf(saga.state), " at ", saga.step, ", no timer set and no change for ",
             HumanDuration(still));
}

std::string AttentionEvidence(const SagaRow& saga, absl::Time now) {
  return Cat(NameOf(saga.state), " at ", saga.step.empty() ? "no step" : saga.step, " for ",
             HumanDuration(now - saga.update_time), ": ", saga.reason, "; ", saga.next_action);
}

std::string WhereItIs(const Case& one) {
  if (one.saga == nullptr) return "its saga has not started";
  if (IsTerminal(one.saga->state)) return "its saga has not heard of the cancellation";
  return Cat(NameOf(one.saga->state), " at ", one.saga->step);
}

void CheckParked(const Id& id, const SagaRow& saga, AuditFindings& out) {
  std::string lacking;
  if (saga.reason.empty()) lacking += " no reason";
  if (saga.next_action.empty()) Append(lacking, lacking.empty() ? "" : ",", " no next action");
  if (!saga.needs_attention) Append(lacking, lacking.empty() ? "" : ",", " no attention flag");
  if (lacking.empty()) return;
  out.findings.push_back(About(FindingKind::kParkedWithoutReason, id, Cat("PARKED with", lacking)));
}

// How a settled reservation and its saga disagree; empty if they agree.
std::string Disagreement(const Case& one) {
  const rv1::ReservationState want = one.saga->state == ov1::SAGA_STATE_COMPLETED
                                         ? rv1::RESERVATION_STATE_CONFIRMED
                                         : rv1::RESERVATION_STATE_CANCELLED;
  if (one.reservation->state == want) return "";
  return Cat("the saga is ", NameOf(one.saga->state), " but the reservation is ",
             NameOf(one.reservation->state), ", not ", NameOf(want));
}

}  // namespace

void CheckSagas(const Index& index, const AuditOptions& options, AuditFindings& out) {
  const absl::Time now = index.snapshot().read_time;
  for (const auto& [id, one] : index.cases()) {
    const Stage stage = one.stage();
    if (options.quiescent && stage == Stage::kInFlight) {
      out.findings.push_back(About(FindingKind::kInFlight, id, WhereItIs(one)));
    }
    if (one.saga == nullptr) continue;
    if (stage == Stage::kInFlight) {
      if (std::string late = OverdueEvidence(one, now); !late.empty()) {
        out.findings.push_back(About(FindingKind::kSagaOverdue, id, std::move(late)));
      }
    }
    if (stage == Stage::kParked) CheckParked(id, *one.saga, out);
    if (stage == Stage::kParked || one.saga->needs_attention) {
      out.warnings.push_back(About(FindingKind::kAttention, id, AttentionEvidence(*one.saga, now)));
    }
  }
}

void CheckStates(const Index& index, AuditFindings& out) {
  for (const auto& [id, one] : index.cases()) {
    if (one.saga != nullptr && one.reservation == nullptr) {
      // The facade stores a reservation before its saga starts, so this can never be a passing
      // state.
      out.findings.push_back(About(
          FindingKind::kSagaWithoutReservation, id,
          Cat("the saga is ", NameOf(one.saga->state), " and reservation_svc does not know it")));
    } else if (one.saga == nullptr && one.reservation != nullptr) {
      const absl::Duration age = index.snapshot().read_time - one.reservation->create_time;
      if (one.stage() == Stage::kInFlight && age <= kGrace) continue;  // in the facade's outbox
      out.findings.push_back(
          About(FindingKind::kReservationWithoutSaga, id,
                Cat("the reservation, made ", HumanDuration(age), " ago, is ",
                    NameOf(one.reservation->state), " and the orchestrator does not know it")));
    } else if (one.saga != nullptr && one.stage() == Stage::kSettled) {
      if (std::string what = Disagreement(one); !what.empty()) {
        out.findings.push_back(About(FindingKind::kStateMismatch, id, std::move(what)));
      }
    }
  }
}

}  // namespace seatsaga::cli::audit
