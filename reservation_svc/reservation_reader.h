#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/id.h"
#include "common/sqlite/database.h"
#include "reservation_svc/reservation.h"

namespace seatsaga::reservation {

// Filters that are set must all match.
struct ListQuery {
  size_t page_size = 50;
  std::optional<Id> before;  // only older ones: where the page before ended
  std::string user_id;       // empty: any
  std::string event_id;      // empty: any
  std::optional<State> state;
};

struct Page {
  std::vector<Reservation> reservations;  // newest first
  std::optional<Id> next;                 // `before` of the next page; unset on the last one
};

// Queries over the read lane's connection. Run them there: the lane gives each its snapshot, and
// answers UNAVAILABLE in its place if the database can't be read. One thread.
class ReservationReader {
 public:
  // A page ends after so many rows were looked at, whether they matched or not: no query holds up
  // the others for long.
  static constexpr size_t kRowsExaminedMax = 5000;
  // The same for looks into ranges of ids, for a user who reserves rarely.
  static constexpr size_t kRangesMax = 1000;

  // Must outlive the reader.
  explicit ReservationReader(sqlite::Database& database);

  // NOT_FOUND (RESERVATION_NOT_FOUND) if there is none.
  absl::StatusOr<Reservation> Get(const Id& id);
  Page List(const ListQuery& query);

 private:
  // One page's scan: what it has found, and how far it may still go.
  struct Scan;
  bool Collect(sqlite::Statement& rows, Scan& scan);
  void ListOfUser(std::string_view before, Scan& scan);

  sqlite::Statement select_one_;
  sqlite::Statement scan_all_;
  sqlite::Statement ranges_;
  sqlite::Statement scan_user_;
  sqlite::Statement scan_pending_;
};

}  // namespace seatsaga::reservation
