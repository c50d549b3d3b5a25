#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bench/baselines/cluster_meter.h"
#include "bench/baselines/decision_log.h"
#include "bench/baselines/tables.h"
#include "bench/load.h"

namespace seatsaga::bench {

struct PostgresLoadOptions {
  LoadPlan plan;                     // a closed loop; `rate_per_s` and `count_max` are not used
  absl::Duration provider;           // how long a call of the payment provider takes
  std::string server;                // for ClusterMeter::Open
  DecisionLog* decisions = nullptr;  // not null for two-phase commit
};

// Clients make reservations with the transaction of `tables`. Each client has a connection to each
// database, and begins its next reservation, with a new seat, once the last one is committed
// everywhere. One thread drives all clients, so that measuring does not slow the server. Anything
// but a commit ends the run and is reported as unexpected. Fails if a connection cannot be opened.
absl::StatusOr<LoadResult> RunPostgresLoad(const Tables& tables, const Offer& offer,
                                           const PostgresLoadOptions& options);

}  // namespace seatsaga::bench
