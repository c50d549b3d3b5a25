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
  // Reads everything, in the order that snapshot.h asks for.
  virtual absl::StatusOr<Snapshot> ReadAll() = 0;
  // Reads these reservations with their sagas and payments again, and then the seats of these
  // events and of the reservations'. Whatever is not there any more leaves the snapshot.
  virtual absl::Status Refresh(Snapshot& snapshot, const std::set<Id>& ids,
                               std::set<std::string> events) = 0;
};

// Audits what the source gives. While the system moves, things that were read at different times
// may not fit: so what is found is read again, and only what is still there is reported.
absl::StatusOr<AuditFindings> AuditConfirmed(SnapshotSource& source, const AuditOptions& options);

}  // namespace seatsaga::cli
