#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/id.h"
#include "common/outcome.h"

// A reservation and the rules of its life: PENDING, then CONFIRMED or CANCELLED. Pure; thread-safe.
namespace seatsaga::reservation {

// The numbers stand in the database and are those of reservation.v1.ReservationState.
enum class State { kPending = 1, kConfirmed = 2, kCancelled = 3 };

struct Money {
  int64_t amount_minor = 0;
  std::string currency;  // empty: not set
  friend bool operator==(const Money&, const Money&) = default;
};

// What everybody may see of it.
struct Reservation {
  Id id;
  Id request_id;
  std::string user_id;
  std::string event_id;
  std::string seats;  // seat ids, one a line, in the order of the request
  State state = State::kPending;
  std::string reason;  // of a cancellation, in UPPER_SNAKE_CASE
  std::string message;
  Money price;  // what was charged; stays when it is cancelled and paid back later
  absl::Time create_time;
  absl::Time update_time;
};

// What is stored of it.
struct Record {
  Reservation reservation;
  std::string fingerprint;   // of the request that made it
  std::string sealed_token;  // what the saga needs to charge; empty once final
};

inline constexpr std::string_view kReservationNotFound = "RESERVATION_NOT_FOUND";
inline constexpr std::string_view kReservationCancelled = "RESERVATION_CANCELLED";
inline constexpr std::string_view kReservationConfirmed = "RESERVATION_CONFIRMED";

// The pivot's action. `record` is null if there is no such reservation. Refused without effect
// unless it is PENDING, or CONFIRMED at this price already.
CommandResult Confirm(Record* record, const Money& price, absl::Time now);

// The undo of the creation; always succeeds. A CONFIRMED reservation is cancelled too: that is how
// a client's later cancellation ends. The first reason stays.
CommandResult Cancel(Record* record, std::string_view reason, std::string_view message,
                     absl::Time now);

}  // namespace seatsaga::reservation
