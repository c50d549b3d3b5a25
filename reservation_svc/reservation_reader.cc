#include "reservation_svc/reservation_reader.h"

#include <string>

#include "common/errors.h"
#include "common/text.h"
#include "reservation_svc/reservation_row.h"

namespace seatsaga::reservation {
namespace {

using sqlite::Blob;

// Above every id: a scan that starts here starts with the newest.
constexpr std::string_view kAboveAll =
    "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
static_assert(kAboveAll.size() == Id::kSize);

std::string SelectWhere(std::string_view condition) {
  return Cat("SELECT ", kReservationColumns, " FROM reservations WHERE ", condition);
}

// On the raw row, so that those which do not match cost little.
bool Matches(const ListQuery& query, const sqlite::Statement& row) {
  return (query.user_id.empty() || row.Text(2) == query.user_id) &&
         (query.event_id.empty() || row.Text(3) == query.event_id) &&
         (!query.state || row.Int(5) == static_cast<int64_t>(*query.state));
}

}  // namespace

ReservationReader::ReservationReader(sqlite::Database& database)
    : select_one_(database.Prepare(SelectWhere("id=?1"))),
      scan_all_(database.Prepare(SelectWhere("id<?1 ORDER BY id DESC"))),
      scan_user_(database.Prepare(SelectWhere("user_id=?2 AND id<?1 ORDER BY id DESC"))),
      scan_pending_(database.Prepare(SelectWhere("state=1 AND id<?1 ORDER BY id DESC"))) {}

absl::StatusOr<Reservation> ReservationReader::Get(const Id& id) {
  select_one_.Query(Blob{id.bytes()});
  if (select_one_.Next()) {
    Reservation found = ReadReservation(select_one_);
    select_one_.Reset();
    return found;
  }
  return MakeError(absl::StatusCode::kNotFound, kReservationNotFound,
                   Cat("there is no reservation ", id.ToString()));
}

sqlite::Statement& ReservationReader::StartScan(const ListQuery& query, std::string_view before) {
  if (!query.user_id.empty()) {
    scan_user_.Query(Blob{before}, query.user_id);
    return scan_user_;
  }
  sqlite::Statement& scan = query.state == State::kPending ? scan_pending_ : scan_all_;
  scan.Query(Blob{before});
  return scan;
}

Page ReservationReader::List(const ListQuery& query) {
  sqlite::Statement& scan = StartScan(query, query.before ? query.before->bytes() : kAboveAll);
  Page page;
  Id last_examined;
  for (size_t examined = 0; scan.Next(); ++examined) {
    if (page.reservations.size() == query.page_size || examined == kRowsExaminedMax) {
      page.next = last_examined;
      scan.Reset();
      break;
    }
    last_examined = ReadId(scan, 0);
    if (Matches(query, scan)) page.reservations.push_back(ReadReservation(scan));
  }
  return page;
}

}  // namespace seatsaga::reservation
