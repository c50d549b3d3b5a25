#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/id.h"
#include "common/participant/command.h"
#include "common/sealed_token.h"
#include "reservation_svc/reservation_changes.h"
#include "reservation_svc/reservation_memory.h"
#include "reservation_svc/reservation_queries.h"
#include "seatsaga/reservation/v1/reservation.pb.h"

// Checks requests and turns them into the service's own types. Moves texts out of the requests.
// Reports all errors of one request together, as INVALID_ARGUMENT (INVALID_REQUEST) with a
// BadRequest. No error ever holds a payment token. Thread-safe.
namespace seatsaga::reservation {

inline constexpr absl::Duration kWaitMax = absl::Seconds(30);
// How long before the call's own deadline the answer at the end of a wait is sent.
inline constexpr absl::Duration kAnswerMargin = absl::Milliseconds(50);

// How long ExtendHold waits for the orchestrator at most.
inline constexpr absl::Duration kExtendWaitMax = absl::Seconds(5);

// How long this server holds seats.
struct HoldLimits {
  absl::Duration otherwise = absl::Minutes(10);  // unless the client says how long
  absl::Duration min = absl::Seconds(10);
  absl::Duration max = absl::Hours(1);
};

// When a call came, and when its caller stops waiting.
struct CallTimes {
  Mono arrival;
  Mono deadline;
};

// `id` is for the reservation, if it is new.
absl::StatusOr<Create> ParseCreate(v1::CreateReservationRequest& request, const Id& id,
                                   const TokenSealer& sealer, const HoldLimits& limits,
                                   CallTimes times);

absl::StatusOr<Payment> ParsePay(v1::PayReservationRequest& request, const TokenSealer& sealer,
                                 CallTimes times);

absl::StatusOr<Extension> ParseExtend(v1::ExtendHoldRequest& request, const HoldLimits& limits,
                                      CallTimes times);

// A Cancellation, or with seats a SeatChangeRequest. `id` is for the saga of the change.
absl::StatusOr<ReservationIo::In> ParseCancel(v1::CancelReservationRequest& request, const Id& id,
                                              CallTimes times);

// `id` is for the saga.
absl::StatusOr<SeatChangeRequest> ParseExchange(v1::ExchangeSeatsRequest& request, const Id& id,
                                                const TokenSealer& sealer, CallTimes times);

// Adds what is wrong with the command to `errors`.
participant::Command<CommandBody> ParseCommand(v1::ReservationCommand& request,
                                               FieldErrors& errors);

absl::StatusOr<Id> ParseGet(const v1::GetReservationRequest& request);

struct WatchQuery {
  Id reservation_id;
  bool until_cancelled = false;
};
absl::StatusOr<WatchQuery> ParseWatch(const v1::WatchReservationRequest& request);

absl::StatusOr<ListQuery> ParseList(v1::ListReservationsRequest& request);

}  // namespace seatsaga::reservation
