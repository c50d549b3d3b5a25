#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "common/id.h"
#include "common/store/lane.h"
#include "reservation_svc/reservation.h"

namespace seatsaga::reservation {

// Cuts the reservations, in the order of their ids, into ranges of about `rows_max`. The index of a
// user's reservations begins with the range, so new entries of all users are next to each other in
// the few pages of the newest range. With the user first, each entry would change a page of its
// own. A user's list looks into each range once, the newest first (reservation_queries.cc).
//
// Plain memory: one range per 1,024 reservations. Not thread-safe.
class IdRanges {
 public:
  static constexpr int64_t kRowsMax = 1024;
  // The changes of one batch.
  struct Change {
    std::vector<IdRange> opened;
    int64_t newest_rows = 0;  // in the newest range
    Id highest;               // of all reservations
  };

  explicit IdRanges(int64_t rows_max = kRowsMax) : rows_max_(rows_max) {}

  void Load(store::Snapshot& snapshot);
  void Remember(const Change& change) {
    ranges_.insert(ranges_.end(), change.opened.begin(), change.opened.end());
    newest_rows_ = change.newest_rows;
    highest_ = change.highest;
  }

  // A change without effect, to begin with.
  Change NoChange() const { return {.newest_rows = newest_rows_, .highest = highest_}; }
  // The range of a reservation that is about to be stored; opens a new one if the newest is full.
  int64_t Place(const Id& id, Change& change) const;

 private:
  const int64_t rows_max_;
  std::vector<IdRange> ranges_{IdRange()};  // in the order of their ids
  int64_t newest_rows_ = 0;
  Id highest_;
};

}  // namespace seatsaga::reservation
