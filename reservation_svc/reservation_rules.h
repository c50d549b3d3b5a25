#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/participant/outcome.h"
#include "reservation_svc/reservation.h"

// The rules of a reservation's life. Pure; thread-safe.
namespace seatsaga::reservation {

inline constexpr std::string_view kReservationNotFound = "RESERVATION_NOT_FOUND";
inline constexpr std::string_view kReservationCancelled = "RESERVATION_CANCELLED";
inline constexpr std::string_view kReservationConfirmed = "RESERVATION_CONFIRMED";

enum class CommandKind { kConfirm, kCancel };

// What a saga's command says.
struct CommandBody {
  CommandKind kind = CommandKind::kConfirm;
  int64_t amount_minor = 0;  // confirm: what was charged
  std::string currency;
  std::string reason;  // cancel
  std::string message;
};

// The pivot's action. `reservation` is null if there is none. Refused without effect unless it is
// PENDING, or CONFIRMED at this price already.
CommandResult Confirm(Reservation* reservation, const CommandBody& command, absl::Time now);

// The undo of the creation; always succeeds. Cancels a CONFIRMED reservation too, because that is
// how a client's later cancellation ends. The first reason stays.
CommandResult Cancel(Reservation* reservation, const CommandBody& command, absl::Time now);

}  // namespace seatsaga::reservation
