#pragma once

#include <cstdint>

#include "common/id.h"
#include "common/sqlite/database.h"

namespace seatsaga::reservation {

// Cuts the reservations, in the order of their ids, into ranges of about `rows_max`. The index of a
// user's reservations begins with the range, so new entries of all users stand together in the few
// pages of the newest range: with the user first, each would change a page of its own. A user's
// list is then one look into each range, the newest first (reservation_reader.cc). Writer thread
// only, inside the batch's transaction.
class IdRanges {
 public:
  static constexpr int64_t kRowsMax = 1024;

  explicit IdRanges(sqlite::Database& database, int64_t rows_max = kRowsMax);

  // The range of a reservation that is about to be inserted; opens a new one if the newest is full.
  int64_t Place(const Id& id);
  // After a commit that failed: what it had opened is not there.
  void Forget() { loaded_ = false; }

 private:
  void Load();
  int64_t Find(const Id& id);

  const int64_t rows_max_;
  sqlite::Statement select_newest_;
  sqlite::Statement select_highest_;
  sqlite::Statement count_;
  sqlite::Statement find_;
  sqlite::Statement insert_;

  bool loaded_ = false;
  int64_t newest_no_ = 0;
  Id newest_first_;  // the least id of the newest range
  int64_t newest_rows_ = 0;
  Id highest_;  // of all reservations
};

}  // namespace seatsaga::reservation
