#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/id.h"
#include "common/participant/desk.h"
#include "common/participant/fencing.h"
#include "common/store/lane.h"
#include "common/store/table.h"

// What reservation_svc stores.
namespace seatsaga::reservation {

// The numbers are stored, and are those of reservation.v1.ReservationState.
enum class State : uint8_t { kPending = 1, kConfirmed = 2, kCancelled = 3 };

// A reservation: PENDING, then CONFIRMED or CANCELLED. A PENDING one is also the stored command to
// start its saga. It is written in the same transaction as the state that caused it, and sent again
// after every restart until the reservation is final.
struct Reservation {
  Id id;  // also the saga's and the payment's
  Id request_id;
  std::string fingerprint;  // keyed digest of the request that made it
  std::string user_id;
  std::string event_id;
  std::string seats;  // seat ids, one per line, in the order of the request
  State state = State::kPending;
  std::string reason;  // of a cancellation, in UPPER_SNAKE_CASE
  std::string message;
  int64_t amount_minor = 0;  // what was charged; stays when it is cancelled and paid back later
  std::string currency;      // empty: nothing was charged
  std::string sealed_token;  // what the saga needs to charge; empty once final
  absl::Time create_time;
  absl::Time update_time;
  int64_t range_no = 0;  // of its id (id_ranges.h)
};
// Shared by the memory, a batch's writes, its answers and its calls. Never changed once it is known
// outside the batch that made it.
using ReservationPtr = std::shared_ptr<const Reservation>;

inline constexpr auto kReservations = store::MakeTable<Reservation>(
    "reservations", store::Key<&Reservation::id>("id"),
    store::Field<&Reservation::request_id>("request_id"),
    store::Field<&Reservation::fingerprint>("fingerprint", store::kBytes),
    store::Field<&Reservation::user_id>("user_id"),
    store::Field<&Reservation::event_id>("event_id"), store::Field<&Reservation::seats>("seats"),
    store::Field<&Reservation::state>("state"), store::Field<&Reservation::reason>("reason"),
    store::Field<&Reservation::message>("message"),
    store::Field<&Reservation::amount_minor>("amount_minor"),
    store::Field<&Reservation::currency>("currency"),
    store::Field<&Reservation::sealed_token>("sealed_token", store::kBytes),
    store::Field<&Reservation::create_time>("created_us"),
    store::Field<&Reservation::update_time>("updated_us"),
    store::Field<&Reservation::range_no>("range_no"),
    store::Unique<&Reservation::request_id>("reservations_by_request").Rising(),
    store::Index<&Reservation::range_no, &Reservation::user_id, &Reservation::id>(
        "reservations_by_user"),
    store::Index<&Reservation::id>("reservations_pending", "state = 1",
                                   [](const void* row) {
                                     return static_cast<const Reservation*>(row)->state ==
                                            State::kPending;
                                   }),
    store::KeysRise());
// The indexes by which reservations are scanned.
inline constexpr int kByUser = 1;
inline constexpr int kPendingById = 2;

// Where a range of ids begins; the first one, number 0, begins below all ids and has no row.
struct IdRange {
  Id first_id;
  int64_t range_no = 0;
};
inline constexpr auto kIdRanges =
    store::MakeTable<IdRange>("id_ranges", store::Key<&IdRange::first_id>("first_id"),
                              store::Field<&IdRange::range_no>("range_no"), store::KeysRise());

inline constexpr const store::TableInfo* kTables[] = {&kReservations.info(), &kIdRanges.info(),
                                                      &participant::kBarrier.info(),
                                                      &participant::kFencing.info()};
inline constexpr store::Schema kSchema = {.service = "reservation_svc", .tables = kTables};

}  // namespace seatsaga::reservation
