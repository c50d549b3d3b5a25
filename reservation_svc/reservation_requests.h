#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/id.h"
#include "common/participant/command.h"
#include "common/sealed_token.h"
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

// `id` is for the reservation, if it is new.
absl::StatusOr<Create> ParseCreate(v1::CreateReservationRequest& request, const Id& id,
                                   const TokenSealer& sealer, Mono arrival, Mono deadline);

// Adds what is wrong with the command to `errors`.
participant::Command<CommandBody> ParseCommand(v1::ReservationCommand& request,
                                               FieldErrors& errors);

absl::StatusOr<Id> ParseGet(const v1::GetReservationRequest& request);

absl::StatusOr<ListQuery> ParseList(v1::ListReservationsRequest& request);

}  // namespace seatsaga::reservation
