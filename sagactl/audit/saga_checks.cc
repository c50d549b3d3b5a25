#include <algorithm>

#include "absl/container/flat_hash_set.h"
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

// "", or "saga <id>: " for a saga other than the reservation's first.
std::string Whose(const Id& saga_id, const Id& reservation_id) {
  return saga_id == reservation_id ? "" : Cat("saga ", saga_id.ToString(), ": ");
}

// Empty unless the client has paid or cancelled, and the saga should have heard of it from the
// facade.
std::string UntoldEvidence(const Case& one, absl::Time now) {
  const SagaRow* saga = one.saga();
  if (saga == nullptr) return "";
  const bool waits = saga->state == ov1::SAGA_STATE_WAITING;
  const bool paid = one.is(rv1::RESERVATION_STATE_PENDING) && waits;
  const bool cancelled =
      one.is(rv1::RESERVATION_STATE_CANCELLING) && (waits || IsTerminal(saga->state));
  if (!paid && !cancelled) return "";
  const absl::Duration age = now - one.reservation->update_time;
  if (age <= kGrace) return "";
  return Cat("the reservation has been ", NameOf(one.reservation->state), " for ",
             HumanDuration(age), ", but its saga is still ", NameOf(saga->state));
}

// Empty if the saga moves as it should at `now`.
std::string OverdueEvidence(const SagaRow& saga, absl::Time now) {
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

// Of a case in flight.
std::string WhereItIs(const Id& id, const Case& one) {
  for (const auto* saga : one.own_sagas) {
    if (IsTerminal(saga->second.state)) continue;
    return Cat(Whose(saga->first, id), NameOf(saga->second.state), " at ", saga->second.step);
  }
  if (one.saga() == nullptr) return "its saga has not started";
  return "its saga has not heard of the cancellation";
}

void CheckParked(const Id& id, const Id& saga_id, const SagaRow& saga, AuditFindings& out) {
  std::string lacking;
  if (saga.reason.empty()) lacking += " no reason";
  if (saga.next_action.empty()) Append(lacking, lacking.empty() ? "" : ",", " no next action");
  if (!saga.needs_attention) Append(lacking, lacking.empty() ? "" : ",", " no attention flag");
  if (lacking.empty()) return;
  out.findings.push_back(About(FindingKind::kParkedWithoutReason, id,
                               Cat(Whose(saga_id, id), "PARKED with", lacking)));
}

void CheckSaga(const Id& id, const Id& saga_id, const SagaRow& saga, Stage stage, absl::Time now,
               AuditFindings& out) {
  const bool parked = saga.state == ov1::SAGA_STATE_PARKED;
  if (stage == Stage::kInFlight) {
    if (std::string late = OverdueEvidence(saga, now); !late.empty()) {
      out.findings.push_back(About(FindingKind::kSagaOverdue, id, Cat(Whose(saga_id, id), late)));
    }
  }
  if (parked) CheckParked(id, saga_id, saga, out);
  if (parked || saga.needs_attention) {
    out.warnings.push_back(
        About(FindingKind::kAttention, id, Cat(Whose(saga_id, id), AttentionEvidence(saga, now))));
  }
}

// How a settled reservation and the saga that decided about it disagree; empty if they agree.
std::string Disagreement(const Case& one) {
  const rv1::ReservationState want = one.saga()->state == ov1::SAGA_STATE_COMPLETED
                                         ? rv1::RESERVATION_STATE_CONFIRMED
                                         : rv1::RESERVATION_STATE_CANCELLED;
  if (one.reservation->state == want) return "";
  if (one.changing()) {
    return Cat("the saga of the change is ", NameOf(one.saga()->state),
               " but the reservation is still CHANGING");
  }
  return Cat("the saga is ", NameOf(one.saga()->state), " but the reservation is ",
             NameOf(one.reservation->state), ", not ", NameOf(want));
}

// Of the sagas of a settled reservation, those that have changed it follow each other, from the
// first to the last, and all but the last have COMPLETED. Any other has had no effect. What
// contradicts that; empty: nothing.
std::string WrongHistory(const Case& one) {
  absl::flat_hash_set<Id> with_effect;
  Id at = one.reservation->saga_id;
  for (const SagaRow* saga = one.FindSaga(at); saga != nullptr; saga = one.FindSaga(at)) {
    if (!with_effect.insert(at).second) return Cat("saga ", at.ToString(), " follows itself");
    at = saga->follows;
  }
  if (at != Id()) return Cat("saga ", at.ToString(), ", which was followed, is unknown");
  for (const auto* part : one.own_sagas) {
    const auto& [id, saga] = *part;
    if (id == one.reservation->saga_id) continue;
    const bool effect = with_effect.contains(id);
    if (effect == (saga.state == ov1::SAGA_STATE_COMPLETED)) continue;
    return Cat("saga ", id.ToString(), " is ", NameOf(saga.state), ", but the reservation ",
               effect ? "was changed after it" : "does not know its change");
  }
  return "";
}

// Its saga is unknown. In the facade's outbox it may be for a while, or as long as the saga before
// it is not at rest.
void CheckUnstarted(const Id& id, const Case& one, absl::Time now, AuditFindings& out) {
  const ReservationRow& reservation = *one.reservation;
  const absl::Duration age =
      now - (one.changing() ? reservation.update_time : reservation.create_time);
  const bool waits_for_another =
      one.changing() && std::ranges::any_of(one.own_sagas, [](const auto* saga) {
        return !IsTerminal(saga->second.state);
      });
  if (waits_for_another || (one.stage() == Stage::kInFlight && age <= kGrace)) return;
  out.findings.push_back(About(
      FindingKind::kReservationWithoutSaga, id,
      Cat(Whose(one.saga_id(), id), "the reservation, ", one.changing() ? "changing for " : "made ",
          HumanDuration(age), one.changing() ? "" : " ago", ", is ", NameOf(reservation.state),
          " and the orchestrator does not know it")));
}

}  // namespace

void CheckSagas(const Index& index, const AuditOptions& options, AuditFindings& out) {
  const absl::Time now = index.snapshot().read_time;
  for (const auto& [id, one] : index.cases()) {
    const Stage stage = one.stage();
    if (stage == Stage::kInFlight) {
      if (options.quiescent) {
        out.findings.push_back(About(FindingKind::kInFlight, id, WhereItIs(id, one)));
      }
      if (std::string untold = UntoldEvidence(one, now); !untold.empty()) {
        out.findings.push_back(About(FindingKind::kSagaOverdue, id, std::move(untold)));
        continue;  // the saga itself says nothing new
      }
    }
    for (const auto* saga : one.own_sagas)
      CheckSaga(id, saga->first, saga->second, stage, now, out);
  }
}

void CheckStates(const Index& index, AuditFindings& out) {
  for (const auto& [id, one] : index.cases()) {
    if (one.reservation == nullptr) {
      if (one.own_sagas.empty()) continue;
      // The facade stores a reservation before its saga starts, so this can never be a passing
      // state.
      const auto& [saga_id, saga] = *one.own_sagas.front();
      out.findings.push_back(About(FindingKind::kSagaWithoutReservation, id,
                                   Cat(Whose(saga_id, id), "the saga is ", NameOf(saga.state),
                                       " and reservation_svc does not know its reservation")));
    } else if (one.saga() == nullptr) {
      CheckUnstarted(id, one, index.snapshot().read_time, out);
    } else if (one.stage() == Stage::kSettled) {
      std::string what = Disagreement(one);
      if (what.empty()) what = WrongHistory(one);
      if (what.empty()) continue;
      out.findings.push_back(About(FindingKind::kStateMismatch, id, std::move(what)));
    }
  }
}

}  // namespace seatsaga::cli::audit
