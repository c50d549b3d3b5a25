#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/participant/outcome.h"
#include "reservation_svc/reservation_changes.h"
#include "reservation_svc/reservation_rules.h"

// The rules of partial cancellations and exchanges: what the client and the saga of a change may do
// to a reservation. Pure; thread-safe.
namespace seatsaga::reservation {

// CancelReservation of some seats, or ExchangeSeats, checked.
struct SeatChangeRequest : KeyedChange {
  Id saga_id;                          // for the change, if it begins
  std::vector<std::string> give_back;  // 1-20 different seats
  std::vector<std::string> take;       // at most 20 different seats; empty: a partial cancellation
  std::string sealed_token;            // may be empty
  bool validate_only = false;
};

// CONFIRMED becomes CHANGING. An error changes nothing.
absl::Status BeginChange(const SeatChangeRequest& request, absl::Time now,
                         Reservation& reservation);

// The pivot's action: CHANGING becomes CONFIRMED, with its new seats. `reservation` is null if
// there is none. Refused without effect unless the change of this saga is under way.
CommandResult ConfirmChange(Reservation* reservation, const Id& saga_id, const CommandBody& command,
                            absl::Time now);

// Whether this saga's change is under way.
bool IsChanging(const Reservation& reservation, const Id& saga_id);
// The undo of the beginning: CHANGING becomes CONFIRMED, as it was before.
void AbandonChange(const CommandBody& command, absl::Time now, Reservation& reservation);

// The saga that changed it last.
Id LastSagaId(const Reservation& reservation);

}  // namespace seatsaga::reservation
