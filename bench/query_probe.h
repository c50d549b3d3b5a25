#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/histogram.h"
#include "bench/services.h"

namespace seatsaga::bench {

struct QueryPlan {
  int samples = 500;         // of each query
  int pages_walked = 1'200;  // of each list, to learn page tokens from; the largest pages there are
};

// How long one kind of question takes, asked by one client that waits for each answer.
struct QueryTimes {
  std::string what;      // "ListReservations of a user"
  int page_size = 0;     // 0 for a question about one thing
  double rows_each = 0;  // on average; a filtered page may hold fewer than its size
  Histogram latency;
};

// Asks for single things and for pages anywhere in the lists, at random. What it asks for is what
// earlier lists named, and page tokens are those of earlier pages: nothing is known beforehand of
// what is stored. There must be a reservation, and nothing else should go on. An error if a
// question is answered with one.
absl::StatusOr<std::vector<QueryTimes>> TimeQueries(Services& services, const QueryPlan& plan);

}  // namespace seatsaga::bench
