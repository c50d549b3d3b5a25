#include "reservation_svc/id_ranges.h"

namespace seatsaga::reservation {
namespace {

bool BeginsAbove(const Id& id, const IdRange& range) { return id < range.first_id; }

}  // namespace

void IdRanges::Load(store::Snapshot& snapshot) {
  ranges_.assign(1, IdRange());
  newest_rows_ = 0;
  highest_ = Id();
  snapshot.Visit(store::Scan{.table = &kIdRanges.info()}, [this](const store::RowView& row) {
    ranges_.push_back(kIdRanges.Load(row));
    return true;
  });
  const int64_t newest_no = ranges_.back().range_no;
  snapshot.Visit(
      store::Scan{
          .table = &kReservations.info(), .index = kByUser, .prefix = {store::ValueOf(newest_no)}},
      [this](const store::RowView&) { return ++newest_rows_ > 0; });
  snapshot.Visit(store::Scan{.table = &kReservations.info(), .descending = true, .limit = 1},
                 [this](const store::RowView& row) {
                   highest_ = kReservations.Column<&Reservation::id>(row);
                   return false;
                 });
}

int64_t IdRanges::Place(const Id& id, Change& change) const {
  const IdRange& newest = change.opened.empty() ? ranges_.back() : change.opened.back();
  if (id < newest.first_id) {  // the clock has stepped back since that range began
    const auto& among =
        !change.opened.empty() && id >= change.opened.front().first_id ? change.opened : ranges_;
    return std::prev(std::upper_bound(among.begin(), among.end(), id, BeginsAbove))->range_no;
  }
  int64_t range_no = newest.range_no;
  if (change.newest_rows >= rows_max_ && id > change.highest) {
    change.opened.push_back({id, ++range_no});
    change.newest_rows = 0;
  }
  ++change.newest_rows;
  change.highest = std::max(change.highest, id);
  return range_no;
}

}  // namespace seatsaga::reservation
