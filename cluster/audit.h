#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cluster/cluster.h"

namespace seatsaga::cluster {

// What `sagactl audit --quiescent` said of a cluster.
struct AuditReport {
  // "kind subject: evidence"; empty when all invariants hold.
  std::vector<std::string> findings;
  // Parked or flagged sagas, in the same form.
  std::vector<std::string> warnings;
  // The whole answer, as JSON.
  std::string json;
};

// Waits until no saga moves or waits to be paid, and no reservation is PENDING or CANCELLING,
// except where an operator is needed, and then audits the four services' data. DeadlineExceeded,
// naming what is still live, if that takes longer than `limit`.
absl::StatusOr<AuditReport> AuditQuiescent(Cluster& cluster,
                                           absl::Duration limit = absl::Seconds(45));

}  // namespace seatsaga::cluster
