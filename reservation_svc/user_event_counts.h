#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "common/store/rows.h"
#include "reservation_svc/reservation.h"

// Limits on what one user may have of one event at a time, so that nobody empties a hall with
// holds. One row per user and event says what the user has. The transaction that changes a
// reservation changes its row too: two writers that are at the limit meet in this row, where the
// same look at many reservations would let both pass. Without limits, no row is read or written.
namespace seatsaga::reservation {

// 0: no limit.
struct UserEventLimits {
  int64_t holds_max = 0;  // holds that are not over: PENDING or HELD
  int64_t seats_max = 0;  // seats of reservations that are not CANCELLED

  bool any() const { return holds_max > 0 || seats_max > 0; }
};

// What one reservation, or a user's row, counts.
struct Counted {
  int64_t live_holds = 0;
  int64_t seats = 0;

  friend bool operator==(const Counted&, const Counted&) = default;
};

// What a reservation counts towards the limits: while its seats are being exchanged for more, those
// too. Everything that changes it is counted by this alone. Pure.
Counted CountOf(const Reservation& reservation);

// The counts as one batch changes them. Lives for one Decide; changes only the batch's rows. The
// row of each reservation that may change must have been wanted.
class UserEventCounts {
 public:
  // Both must outlive this.
  UserEventCounts(const UserEventLimits& limits, store::Rows& rows)
      : limits_(limits), rows_(rows) {}

  // The row of this reservation's user and event.
  static void Want(const ReservationRow& reservation, store::Rows& rows);

  bool on() const { return limits_.any(); }
  // Whether there is room for a reservation that is made or changed, and counted as `before`.
  // FAILED_PRECONDITION (USER_EVENT_LIMIT) if not.
  absl::Status Admit(const Reservation& made, const Counted& before = {}) const {
    return on() ? CheckRoom(made, before) : absl::OkStatus();
  }
  // A reservation that counted as `before` counts as `now`.
  void Change(const Reservation& reservation, const Counted& before, const Counted& now);

 private:
  absl::Status CheckRoom(const Reservation& made, const Counted& before) const;

  const UserEventLimits& limits_;
  store::Rows& rows_;
};

}  // namespace seatsaga::reservation
