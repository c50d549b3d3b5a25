#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/histogram.h"
#include "bench/services.h"

namespace seatsaga::bench {

struct QueryPlan {
  int samples = 500;         // of each query
  int pages_walked = 1'200;  // of each list, of the largest size, to learn page tokens from
};

// How long one kind of query takes, with one client that waits for each answer.
struct QueryTimes {
  std::string what;      // "ListReservations of a user"
  int page_size = 0;     // 0 for a query for a single item
  double rows_each = 0;  // on average; a filtered page may hold fewer than its size
  Histogram latency;
};

// Reads single items and pages anywhere in the lists, at random. Ids and page tokens come from
// lists that it reads first, so it need not know what is stored. There must be a reservation, and
// nothing else should run. Fails if a query fails.
absl::StatusOr<std::vector<QueryTimes>> TimeQueries(Services& services, const QueryPlan& plan);

}  // namespace seatsaga::bench
