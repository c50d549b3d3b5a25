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
  LoadPlan plan;                     // a closed loop; its `rate_per_s` and `count_max` are not used
  absl::Duration provider;           // how long the payment provider takes, where it is called
  std::string server;                // for ClusterMeter::Open
  DecisionLog* decisions = nullptr;  // not null for two-phase commit
};

// So many clients make reservations of `tables`' kind, each with a connection to each database and
// a seat of its own, and each begins the next when one is committed everywhere. One thread drives
// all of them, so that the server is not slowed by whoever measures it. Anything but a commit ends
// the run and is told as unexpected. Fails when the connections cannot be made.
absl::StatusOr<LoadResult> RunPostgresLoad(const Tables& tables, const Offer& offer,
                                           const PostgresLoadOptions& options);

}  // namespace seatsaga::bench
