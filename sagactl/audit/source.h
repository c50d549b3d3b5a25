#pragma once

#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "sagactl/audit/findings.h"
#include "sagactl/audit/snapshot.h"

namespace seatsaga::cli {

// Where snapshots come from. Not thread-safe.
class SnapshotSource {
 public:
  virtual ~SnapshotSource() = default;
  // Reads everything, in the order that snapshot.h requires.
  virtual absl::StatusOr<Snapshot> ReadAll() = 0;
  // Reads these reservations with all their sagas and payments again, and then the seats of these
  // events and of the reservations'. Removes from the snapshot what no longer exists.
  virtual absl::Status Refresh(Snapshot& snapshot, const std::set<Id>& ids,
                               std::set<std::string> events) = 0;
};

// Audits what the source gives. While the system moves, rows that were read at different times may
// not agree, so the rows behind each finding are read again. Only findings that remain are
// reported.
absl::StatusOr<AuditFindings> AuditConfirmed(SnapshotSource& source, const AuditOptions& options);

}  // namespace seatsaga::cli
