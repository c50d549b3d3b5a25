#pragma once

#include <array>
#include <string_view>

#include "common/barrier.h"

// The database of seat_svc, as numbered migrations. Released ones are never changed; add a new one.
namespace seatsaga::seat {

// An event of 100,000 seats is one row: its hall is a list of rows, and a seat's number is its
// ordinal in the hall's order, from 0. Only a RESERVED seat has a row of its own, whose primary key
// rules out that a seat is sold twice, whatever the code above it does.
inline constexpr std::string_view kEventsAndSeats = R"sql(
  CREATE TABLE events(
    event_no     INTEGER PRIMARY KEY,
    event_id     TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    currency     TEXT NOT NULL,
    seat_count   INTEGER NOT NULL,
    created_us   INTEGER NOT NULL,   -- microseconds since 1970 UTC
    fingerprint  BLOB NOT NULL,      -- digest of the event as it was asked for
    layout       BLOB NOT NULL       -- seat.v1.Event with nothing but its sections; last, for it is long
  );
  CREATE TABLE reserved_seats(
    event_no     INTEGER NOT NULL,
    seat_no      INTEGER NOT NULL,
    saga_id      BLOB NOT NULL,      -- who holds it
    PRIMARY KEY(event_no, seat_no)
  ) WITHOUT ROWID;
  -- The same from the saga's side, so that a release finds its seats without an index on the above.
  CREATE TABLE saga_seats(
    saga_id      BLOB NOT NULL,
    step         TEXT NOT NULL,
    event_no     INTEGER NOT NULL,
    seat_nos     TEXT NOT NULL,      -- "17,18,19"
    PRIMARY KEY(saga_id, step)
  ) WITHOUT ROWID;
)sql";

// Counted once a batch and event, where lists would count a sold-out hall's rows again and again.
inline constexpr std::string_view kReservedCounts = R"sql(
  CREATE TABLE reserved_counts(
    event_no     INTEGER PRIMARY KEY,
    seat_count   INTEGER NOT NULL    -- rows that the event has in reserved_seats
  );
  INSERT INTO reserved_counts SELECT event_no, count(*) FROM reserved_seats GROUP BY event_no;
)sql";

inline constexpr std::array<std::string_view, 3> kMigrations{Barrier::kSchema, kEventsAndSeats,
                                                             kReservedCounts};

}  // namespace seatsaga::seat
