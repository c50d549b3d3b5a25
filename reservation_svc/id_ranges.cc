#include "reservation_svc/id_ranges.h"

#include <algorithm>

#include "reservation_svc/reservation_row.h"

namespace seatsaga::reservation {

using sqlite::Blob;

IdRanges::IdRanges(sqlite::Database& database, int64_t rows_max)
    : rows_max_(rows_max),
      select_newest_(database.Prepare(
          "SELECT range_no, first_id FROM id_ranges ORDER BY first_id DESC LIMIT 1")),
      select_highest_(database.Prepare("SELECT id FROM reservations ORDER BY id DESC LIMIT 1")),
      count_(database.Prepare("SELECT count(*) FROM reservations WHERE range_no=?1")),
      find_(database.Prepare(
          "SELECT range_no FROM id_ranges WHERE first_id<=?1 ORDER BY first_id DESC LIMIT 1")),
      insert_(database.Prepare("INSERT INTO id_ranges(first_id, range_no) VALUES(?1,?2)")) {}

void IdRanges::Load() {
  loaded_ = true;
  highest_ = Id();
  for (select_newest_.Query(); select_newest_.Next();) {
    newest_no_ = select_newest_.Int(0);
    newest_first_ = ReadId(select_newest_, 1);
  }
  for (select_highest_.Query(); select_highest_.Next();) highest_ = ReadId(select_highest_, 0);
  for (count_.Query(newest_no_); count_.Next();) newest_rows_ = count_.Int(0);
}

int64_t IdRanges::Place(const Id& id) {
  if (!loaded_) Load();
  if (id < newest_first_) return Find(id);  // the clock has stepped back since that range began
  if (newest_rows_ >= rows_max_ && id > highest_) {
    insert_.Run(Blob{id.bytes()}, ++newest_no_);
    newest_first_ = id;
    newest_rows_ = 0;
  }
  ++newest_rows_;
  highest_ = std::max(highest_, id);
  return newest_no_;
}

int64_t IdRanges::Find(const Id& id) {
  int64_t range_no = 0;
  for (find_.Query(Blob{id.bytes()}); find_.Next();) range_no = find_.Int(0);
  return range_no;
}

}  // namespace seatsaga::reservation
