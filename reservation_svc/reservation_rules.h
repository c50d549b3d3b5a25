#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/participant/outcome.h"
#include "reservation_svc/reservation.h"

// The rules of a reservation's life: what the commands of its saga do to it. Those for its client
// are in reservation_changes.h. Pure; thread-safe.
namespace seatsaga::reservation {

enum class CommandKind { kHold, kConfirm, kConfirmChange, kCancel };

// What a saga's command says.
struct CommandBody {
  CommandKind kind = CommandKind::kConfirm;
  Id reservation_id;
  int64_t amount_minor = 0;  // the price: not of cancel, and of a change only if it takes seats
  std::string currency;      // empty: there is no price
  std::vector<int64_t> seat_prices;  // of each seat; empty: all cost the same
  std::string terms;                 // serialized saga.v1.EventTerms; empty: none
  int32_t round = 0;                 // of hold
  absl::Time expire_time;            // of hold
  std::string reason;                // of cancel; of hold: why the last payment did not succeed
  std::string message;
  int64_t charged_minor = 0;         // of a change
  std::vector<PaidPayment> refunds;  // of a change: what of each payment is paid back
};

// PENDING or HELD becomes HELD. Refused without effect if it has come to another end, if the client
// is cancelling it, or if this round or a later one has held it before.
CommandResult Hold(Reservation* reservation, const CommandBody& command, absl::Time now);

// The pivot's action. `reservation` is null if there is none. Refused without effect unless it is
// PENDING, or CONFIRMED at this price already. Not from HELD: then this service knows of no
// payment, so the saga must not keep the money.
CommandResult Confirm(Reservation* reservation, const CommandBody& command, absl::Time now);

// The undo of the creation, or of the beginning of a change. Always succeeds if it is of the change
// that is under way or, if there is none, of the saga that changed it last; the first reason stays.
// Refused without effect if it is of another saga.
CommandResult Cancel(Reservation* reservation, const Id& saga_id, const CommandBody& command,
                     absl::Time now);

// Whether the orchestrator may not have its saga yet: it has sent no command that shows it.
bool NeedsStart(const Reservation& reservation);
// Whether its saga may not know yet what the client did: that it paid, or that it cancelled.
bool NeedsSignal(const Reservation& reservation);

// Every change of a state ends here.
void Enter(State state, Reservation& reservation, absl::Time now);
// Why the last payment did not succeed matters no more.
void ForgetFailure(Reservation& reservation);

}  // namespace seatsaga::reservation
