#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "bench/histogram.h"
#include "bench/process_meter.h"
#include "bench/workload.h"
#include "common/rpc/client.h"

namespace seatsaga::bench {

// How the load is offered.
struct LoadPlan {
  // Closed loop: the number of clients, each of which starts its next operation as soon as it has
  // an answer. Open loop: the most operations at once; others wait, and that is part of the
  // latency.
  int in_flight = 128;
  // If greater than 0, the loop is open: operations arrive as a Poisson process of this rate.
  double rate_per_s = 0;
  absl::Duration warmup = absl::Seconds(1);    // not measured
  absl::Duration duration = absl::Seconds(5);  // measured
  // The run also ends once this many operations were started; 0 for no limit.
  int64_t count_max = 0;
};

struct LoadResult {
  // Of operations that ended as expected in the measured window. In an open loop: of those that
  // were due to start in the window, counted from when they were due and not from when they could
  // start, so that a stall shows in all operations that it delays (corrected for coordinated
  // omission).
  Histogram latency;
  int64_t completed = 0;               // operations that ended as expected in the measured window
  absl::Duration window;               // its actual length
  std::map<std::string, Usage> usage;  // of the watched processes, in that window
  // Outcomes in the whole run, including the warm-up; every operation has one.
  std::map<std::string, int64_t> expected;
  std::map<std::string, int64_t> unexpected;
  bool ran_dry = false;  // the workload ran out of requests before the end
};

// Offers the load, and returns when every operation has ended. Ends early after 1,000 unexpected
// outcomes. `meter` may be null.
LoadResult RunLoad(RpcChannel& reservation_svc, Workload& workload, const LoadPlan& plan,
                   const ProcessMeter* meter);

}  // namespace seatsaga::bench
