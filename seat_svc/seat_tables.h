#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "common/id.h"
#include "common/participant/desk.h"
#include "common/participant/fencing.h"
#include "common/store/lane.h"
#include "common/store/table.h"
#include "seat_svc/hall.h"

// What seat_svc stores (docs/data-model.md). Immutable; thread-safe.
namespace seatsaga::seat {

// An event of 100,000 seats is one row: its hall is a list of rows, and a seat's number is its
// ordinal in the hall's order. Never changes.
struct EventRow {
  std::string event_id;
  int64_t event_no = 0;  // short for event_id in tables with many rows
  std::string display_name;
  std::string currency;
  int32_t seat_count = 0;
  absl::Time create_time;
  std::string digest;  // of the event as it was requested
  std::string layout;  // seat.v1.Event with its sections only: long
  // seat.v1.Event with its dates and refund rules only; empty if it has none.
  std::string sale_terms;
};
inline constexpr auto kEvents =
    store::MakeTable<EventRow>("events", store::Key<&EventRow::event_id>("event_id"),
                               store::Field<&EventRow::event_no>("event_no"),
                               store::Field<&EventRow::display_name>("display_name"),
                               store::Field<&EventRow::currency>("currency"),
                               store::Field<&EventRow::seat_count>("seat_count"),
                               store::Field<&EventRow::create_time>("created_us"),
                               store::Field<&EventRow::digest>("digest", store::kBytes),
                               store::Field<&EventRow::layout>("layout", store::kBytes),
                               store::Field<&EventRow::sale_terms>("sale_terms", store::kBytes));

// Where event_no comes from. Two writers that create events at the same time both change this row,
// so one of them decides again and takes the next number.
struct EventCounterRow {
  static constexpr int32_t kOnly = 1;
  int32_t id = kOnly;
  int64_t newest_event_no = 0;
};
inline constexpr auto kEventCounter = store::MakeTable<EventCounterRow>(
    "event_counter", store::Key<&EventCounterRow::id>("id"),
    store::Field<&EventCounterRow::newest_event_no>("newest_event_no"));

// Only a RESERVED seat has a row. Its primary key makes it impossible to sell a seat twice,
// whatever the code above does.
struct ReservedSeatRow {
  int64_t event_no = 0;
  SeatNo seat_no = 0;
  Id reservation_id;  // who holds it
};
inline constexpr auto kReservedSeats = store::MakeTable<ReservedSeatRow>(
    "reserved_seats", store::Key<&ReservedSeatRow::event_no>("event_no"),
    store::Key<&ReservedSeatRow::seat_no>("seat_no"),
    store::Field<&ReservedSeatRow::reservation_id>("reservation_id"));

// What one action reserved for a reservation, for as long as the reservation holds it. A release
// finds its seats here, so reserved_seats needs no index by reservation.
struct HeldSeatsRow {
  Id reservation_id;
  Id saga_id;
  std::string step;
  int32_t round = 1;
  int64_t event_no = 0;
  std::string seat_nos;  // "17,18,19"
};
inline constexpr auto kHeldSeats = store::MakeTable<HeldSeatsRow>(
    "held_seats", store::Key<&HeldSeatsRow::reservation_id>("reservation_id"),
    store::Key<&HeldSeatsRow::saga_id>("saga_id"), store::Key<&HeldSeatsRow::step>("step"),
    store::Key<&HeldSeatsRow::round>("round"), store::Field<&HeldSeatsRow::event_no>("event_no"),
    store::Field<&HeldSeatsRow::seat_nos>("seat_nos"), store::KeysRise());

// How many rows an event has in reserved_seats. Without this, every list would count a sold-out
// hall's rows again.
struct ReservedCountRow {
  int64_t event_no = 0;
  int32_t seat_count = 0;
};
inline constexpr auto kReservedCounts = store::MakeTable<ReservedCountRow>(
    "reserved_counts", store::Key<&ReservedCountRow::event_no>("event_no"),
    store::Field<&ReservedCountRow::seat_count>("seat_count"));

inline constexpr std::array<const store::TableInfo*, 7> kTables{
    &participant::kBarrier.info(), &participant::kFencing.info(), &kEvents.info(),
    &kEventCounter.info(),         &kReservedSeats.info(),        &kHeldSeats.info(),
    &kReservedCounts.info()};
inline constexpr store::Schema kSchema{"seat_svc", kTables};

}  // namespace seatsaga::seat
