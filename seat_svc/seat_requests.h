#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/errors.h"
#include "seat_svc/seat_io.h"
#include "seat_svc/seat_queries.h"
#include "seatsaga/seat/v1/seat.pb.h"

// Requests as they arrive, checked field by field and turned into inputs and queries. Requests are
// moved from. Pure; thread-safe.
namespace seatsaga::seat {

// What is wrong is added to `errors`; then the command has no effect.
SeatCommand ParseReserve(v1::ReserveSeatsRequest& request, FieldErrors& errors);
SeatCommand ParseRelease(v1::ReleaseSeatsRequest& request, FieldErrors& errors);
// One command of a batch, which has one set.
SeatCommand ParseCommand(v1::SeatCommand& command, FieldErrors& errors);

// INVALID_ARGUMENT with everything that is wrong.
absl::StatusOr<CreateEvent> ParseCreate(v1::CreateEventRequest& request);
absl::StatusOr<EventQuery> ParseGetEvent(v1::GetEventRequest& request);
absl::StatusOr<EventsQuery> ParseListEvents(const v1::ListEventsRequest& request);
absl::StatusOr<SeatsQuery> ParseListSeats(v1::ListSeatsRequest& request);

// Where the next page goes on: after this event, and at this seat.
std::string NextEventsToken(std::string_view last_event_id);
std::string NextSeatsToken(const SeatsQuery& query, SeatNo next);

}  // namespace seatsaga::seat
