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
  // Closed loop: so many clients, each asking again as soon as it is answered. Open loop: no more
  // than so many at once, and who finds the place full waits; that wait is part of the latency.
  int in_flight = 128;
  // Above 0 the loop is open: arrivals of a Poisson process of this rate.
  double rate_per_s = 0;
  absl::Duration warmup = absl::Seconds(1);    // not measured
  absl::Duration duration = absl::Seconds(5);  // measured
  // The run also ends when so many operations were started; 0 for no such end.
  int64_t count_max = 0;
};

struct LoadResult {
  // Of operations that ended as expected, in the measured window. In an open loop: of those that
  // were due to start in it, counted from when they were due and not from when they could start, so
  // that a stall is felt by all whom it would have kept waiting (corrected for coordinated
  // omission).
  Histogram latency;
  int64_t completed = 0;               // operations that ended as expected in the measured window
  absl::Duration window;               // its length as it turned out
  std::map<std::string, Usage> usage;  // of the watched processes, in that window
  // Of the whole run, warm-up included: every operation is one of these.
  std::map<std::string, int64_t> expected;
  std::map<std::string, int64_t> unexpected;
  bool ran_dry = false;  // the workload had nothing left to ask for before the end
};

// Offers the load, and returns when every operation has ended. After 1,000 unexpected outcomes it
// ends early. `meter` may be null.
LoadResult RunLoad(RpcChannel& reservation_svc, Workload& workload, const LoadPlan& plan,
                   const ProcessMeter* meter);

}  // namespace seatsaga::bench
