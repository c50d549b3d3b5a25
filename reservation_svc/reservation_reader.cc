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
      ranges_(database.Prepare("SELECT first_id, range_no FROM id_ranges WHERE first_id<?1 "
                               "ORDER BY first_id DESC")),
      scan_user_(
          database.Prepare(SelectWhere("range_no=?3 AND user_id=?2 AND id<?1 ORDER BY id DESC"))),
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

struct ReservationReader::Scan {
  const ListQuery& query;
  Page page;
  size_t examined = 0;
  Id last_examined;
};

// False when the page has ended; page.next is set then.
bool ReservationReader::Collect(sqlite::Statement& rows, Scan& scan) {
  for (; rows.Next(); ++scan.examined) {
    if (scan.page.reservations.size() == scan.query.page_size ||
        scan.examined == kRowsExaminedMax) {
      scan.page.next = scan.last_examined;
      rows.Reset();
      return false;
    }
    scan.last_examined = ReadId(rows, 0);
    if (Matches(scan.query, rows)) scan.page.reservations.push_back(ReadReservation(rows));
  }
  return true;
}

// Ranges hold ids apart from each other, so one after the other they give the order of ids.
void ReservationReader::ListOfUser(std::string_view before, Scan& scan) {
  size_t looks = 0;
  for (ranges_.Query(Blob{before}); ranges_.Next();) {
    if (looks++ == kRangesMax) {
      scan.page.next = scan.last_examined;
      break;
    }
    scan_user_.Query(Blob{before}, scan.query.user_id, ranges_.Int(1));
    if (!Collect(scan_user_, scan)) break;
    scan.last_examined = ReadId(ranges_, 0);
  }
  ranges_.Reset();
}

Page ReservationReader::List(const ListQuery& query) {
  const std::string_view before = query.before ? query.before->bytes() : kAboveAll;
  Scan scan{query};
  if (!query.user_id.empty()) {
    ListOfUser(before, scan);
  } else {
    sqlite::Statement& rows = query.state == State::kPending ? scan_pending_ : scan_all_;
    rows.Query(Blob{before});
    Collect(rows, scan);
  }
  return std::move(scan.page);
}

}  // namespace seatsaga::reservation
