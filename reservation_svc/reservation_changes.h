#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/id.h"
#include "reservation_svc/reservation.h"

// The rules of a reservation's life: what its client may do to it. An error changes nothing. Pure;
// thread-safe.
namespace seatsaga::reservation {

// A client's request to change a reservation, checked.
struct Change {
  Id reservation_id;
  std::string etag;  // of the reservation as the client has seen it; empty: as it is now
};

// ExtendHold.
struct Extension : Change {
  absl::Duration hold_duration;  // from now
  Mono answer_until;             // when to stop waiting for the orchestrator
};

// A change that takes effect once, however often the request is repeated.
struct KeyedChange : Change {
  Id request_id;
  std::string digest;  // keyed, so that it reveals nothing about a token
  Mono wait_until;     // as of Create
};

// PayReservation.
struct Payment : KeyedChange {
  std::string sealed_token;
};

// CancelReservation.
struct Cancellation : KeyedChange {
  bool validate_only = false;
};

// What changes with every change of a reservation: each of its rounds is HELD once and PENDING
// once, a hold never becomes shorter, and each change of seats is CHANGING once, so no two versions
// are alike.
struct Version {
  State state = State::kPending;
  int32_t hold_round = 0;
  absl::Time expire_time;
  int32_t seat_changes = 0;  // that have begun

  friend bool operator==(const Version&, const Version&) = default;
};
Version VersionOf(const Reservation& reservation);
// By which a client says what it has seen.
std::string EtagOf(const Reservation& reservation);

// Whether it is HELD, so that it can be paid for or held longer.
absl::Status CheckHeld(const Reservation& reservation);

// HELD becomes PENDING. Its saga decides whether that was in time.
absl::Status Pay(const Payment& payment, absl::Time now, Reservation& reservation);

// PENDING, HELD and CONFIRMED become CANCELLING; CONFIRMED with its refund.
absl::Status CancelForClient(absl::Time now, Reservation& reservation);
// The event has not started, so a CONFIRMED reservation may be changed: what of the money to pay
// back is paid back, in percent.
absl::StatusOr<int32_t> DecideRefundPercent(absl::Time now, const Reservation& reservation);

// Its saga holds it until then, or longer. An error if it has come to an end since.
absl::Status Extend(absl::Time expire_time, Reservation& reservation);
// Its saga did not hold it longer: why.
absl::Status NotExtendedError(const Reservation& reservation);

}  // namespace seatsaga::reservation
