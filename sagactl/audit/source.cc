#include "sagactl/audit/source.h"

#include <algorithm>
#include <utility>

namespace seatsaga::cli {
namespace {

// Two, because a reservation that is being cancelled in the first is settled in the second.
constexpr int kRechecks = 2;
// Above this, reading everything is quicker than several calls per id.
constexpr size_t kIdsMax = 2000;

absl::Status ReadAgain(SnapshotSource& source, Snapshot& snapshot,
                       const std::vector<Finding>& findings) {
  std::set<Id> ids;
  std::set<std::string> events;
  bool everything = false;
  for (const Finding& finding : findings) {
    if (finding.id.has_value()) ids.insert(*finding.id);
    if (!finding.event_id.empty()) events.insert(finding.event_id);
    everything |= !finding.id.has_value() && finding.event_id.empty();
  }
  if (!everything && ids.size() <= kIdsMax) {
    return source.Refresh(snapshot, ids, std::move(events));
  }
  auto fresh = source.ReadAll();
  if (!fresh.ok()) return fresh.status();
  snapshot = *std::move(fresh);
  return absl::OkStatus();
}

void KeepThoseOf(const std::vector<Finding>& before, std::vector<Finding>& findings) {
  std::set<std::pair<FindingKind, std::string_view>> known;
  for (const Finding& finding : before) known.insert({finding.kind, finding.subject});
  std::erase_if(findings, [&](const Finding& finding) {
    return !known.contains({finding.kind, finding.subject});
  });
}

}  // namespace

absl::StatusOr<AuditFindings> AuditConfirmed(SnapshotSource& source, const AuditOptions& options) {
  auto snapshot = source.ReadAll();
  if (!snapshot.ok()) return snapshot.status();
  AuditFindings result = Audit(*snapshot, options);
  for (int i = 0; i < kRechecks && !result.findings.empty(); ++i) {
    if (auto status = ReadAgain(source, *snapshot, result.findings); !status.ok()) return status;
    AuditFindings again = Audit(*snapshot, options);
    KeepThoseOf(result.findings, again.findings);
    result = std::move(again);
  }
  return result;
}

}  // namespace seatsaga::cli
