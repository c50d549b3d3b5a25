#include "cluster/audit.h"

#include <nlohmann/json.hpp>

#include "common/text.h"

namespace seatsaga::cluster {
namespace {

using nlohmann::json;
namespace orch = orchestrator::v1;

constexpr int kAuditFoundSomething = 3;

// "a saga in state RUNNING (id)" if one moves; empty if none does; or why it cannot be told.
std::string FindMovingSaga(Clients& clients) {
  for (const auto state :
       {orch::SAGA_STATE_RUNNING, orch::SAGA_STATE_WAITING, orch::SAGA_STATE_COMPENSATING}) {
    orch::ListSagasRequest request;
    request.set_state(state);
    request.set_page_size(1);
    const auto answer = clients.Call(request);
    if (!answer.ok()) return answer.status().ToString();
    if (answer->sagas_size() > 0) return Cat("live saga: ", answer->sagas(0).ShortDebugString());
  }
  return "";
}

bool SagaIsParked(Clients& clients, const std::string& id) {
  orch::GetSagaRequest request;
  request.set_saga_id(id);
  const auto answer = clients.Call(request);
  return answer.ok() && answer->saga().state() == orch::SAGA_STATE_PARKED;
}

// A reservation in this state that no operator is needed for; empty if there is none.
std::string FindReservation(Clients& clients, reservation::v1::ReservationState state) {
  reservation::v1::ListReservationsRequest request;
  request.set_state(state);
  request.set_page_size(1000);
  do {
    const auto answer = clients.Call(request);
    if (!answer.ok()) return answer.status().ToString();
    for (const auto& reservation : answer->reservations()) {
      const bool changes = reservation.has_change();
      if (SagaIsParked(clients, changes ? reservation.change().saga_id() : reservation.saga_id())) {
        continue;
      }
      return Cat("live reservation: ", reservation.ShortDebugString());
    }
    request.set_page_token(answer->next_page_token());
  } while (!request.page_token().empty());
  return "";
}

std::string FindLive(Clients& clients) {
  std::string live = FindMovingSaga(clients);
  for (const auto state :
       {reservation::v1::RESERVATION_STATE_PENDING, reservation::v1::RESERVATION_STATE_CANCELLING,
        reservation::v1::RESERVATION_STATE_CHANGING}) {
    if (live.empty()) live = FindReservation(clients, state);
  }
  return live;
}

std::vector<std::string> LinesOf(const json& report, const char* key) {
  std::vector<std::string> lines;
  for (const json& item : report.value(key, json::array())) {
    lines.push_back(Cat(item.value("kind", ""), " ", item.value("subject", ""), ": ",
                        item.value("evidence", "")));
  }
  return lines;
}

}  // namespace

absl::StatusOr<AuditReport> AuditQuiescent(Cluster& cluster, absl::Duration limit) {
  std::string live;
  const bool at_rest = WaitUntil(
      [&] {
        live = FindLive(cluster.clients());
        return live.empty();
      },
      limit);
  if (!at_rest)
    return absl::DeadlineExceededError(Cat("the cluster does not come to rest: ", live));
  const auto audit = cluster.Sagactl({"audit", "--quiescent", "-o", "json"});
  if (!audit.ok()) return audit.status();
  const ExitStatus& status = audit->status;
  const json report = json::parse(audit->out, nullptr, /*allow_exceptions=*/false);
  if (report.is_discarded() || status.signal != 0 ||
      (status.code != 0 && status.code != kAuditFoundSomething)) {
    return absl::InternalError(
        Cat("sagactl audit: ", status.ToString(), "\n", audit->out, audit->err));
  }
  AuditReport result{LinesOf(report, "findings"), LinesOf(report, "warnings"), audit->out};
  if (result.findings.empty() && status.code != 0) {
    return absl::InternalError(Cat("sagactl audit tells of no finding, yet: ", status.ToString()));
  }
  return result;
}

}  // namespace seatsaga::cluster
