#pragma once

#include <string>
#include <string_view>

#include "common/barrier.h"
#include "common/sqlite/database.h"
#include "common/text.h"

// The tables of reservation_svc. A migration is never changed once released: add another one.
namespace seatsaga::reservation {

// A PENDING row is also the outbox' stored StartSagas command: written in the same transaction as
// the state that caused it, and sent again after every restart until the reservation is final.
inline constexpr std::string_view kReservationsSchema = R"sql(
  CREATE TABLE reservations(
    id           BLOB NOT NULL PRIMARY KEY,  -- also the id of the saga and the payment
    request_id   BLOB NOT NULL,              -- the client's key for this creation
    fingerprint  BLOB NOT NULL,              -- keyed digest of the request's body
    user_id      TEXT NOT NULL,
    event_id     TEXT NOT NULL,
    seats        TEXT NOT NULL,              -- "section/row/number", one a line
    state        INTEGER NOT NULL,           -- 1 PENDING, 2 CONFIRMED, 3 CANCELLED
    reason       TEXT NOT NULL,              -- of a cancellation; else ''
    message      TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,           -- what was charged; 0 and '' before
    currency     TEXT NOT NULL,
    sealed_token BLOB,                       -- NULL once final
    created_us   INTEGER NOT NULL,           -- microseconds since 1970, UTC
    updated_us   INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE UNIQUE INDEX reservations_by_request ON reservations(request_id);
  CREATE INDEX reservations_by_user ON reservations(user_id, id);
  CREATE INDEX reservations_pending ON reservations(id) WHERE state = 1;
)sql";

// The index of a user's reservations begins with a range of ids (id_ranges.h): with the user first,
// every new reservation wrote a page of its own. Those that exist are one range.
inline constexpr std::string_view kIdRanges = R"sql(
  CREATE TABLE id_ranges(
    first_id BLOB NOT NULL PRIMARY KEY,      -- the least id that may be in the range
    range_no INTEGER NOT NULL
  ) WITHOUT ROWID;
  INSERT INTO id_ranges VALUES(zeroblob(16), 0);
  ALTER TABLE reservations ADD COLUMN range_no INTEGER NOT NULL DEFAULT 0;
  DROP INDEX reservations_by_user;
  CREATE INDEX reservations_by_user ON reservations(range_no, user_id, id);
)sql";

// Valid until the process ends. Thread-safe.
inline sqlite::Migrations ReservationMigrations() {
  static const std::string first = Cat(Barrier::kSchema, kReservationsSchema);
  static const std::string_view all[] = {first, kIdRanges};
  return all;
}

}  // namespace seatsaga::reservation
