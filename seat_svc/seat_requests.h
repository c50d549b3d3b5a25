#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/errors.h"
#include "seat_svc/seat_io.h"
#include "seat_svc/seat_queries.h"
#include "seatsaga/seat/v1/seat.pb.h"

// Checks requests field by field and turns them into inputs and queries. Requests are moved from.
// Pure; thread-safe.
namespace seatsaga::seat {

// Adds what is wrong to `errors`; then the command has no effect.
SeatCommand ParseReserve(v1::ReserveSeatsRequest& request, FieldErrors& errors);
SeatCommand ParseRelease(const v1::ReleaseSeatsRequest& request, FieldErrors& errors);
// One command of a batch, which has one set.
SeatCommand ParseCommand(v1::SeatCommand& command, FieldErrors& errors);

// INVALID_ARGUMENT with everything that is wrong.
absl::StatusOr<CreateEvent> ParseCreate(v1::CreateEventRequest& request);
absl::StatusOr<EventQuery> ParseGetEvent(v1::GetEventRequest& request);
absl::StatusOr<EventsQuery> ParseListEvents(const v1::ListEventsRequest& request);
absl::StatusOr<SeatsQuery> ParseListSeats(v1::ListSeatsRequest& request);

// WatchSeats.
struct WatchQuery {
  std::string event_id;
  std::string section;  // empty: all
};
absl::StatusOr<WatchQuery> ParseWatchSeats(const v1::WatchSeatsRequest& request);

// Where the next page continues: after this event; at this seat.
std::string NextEventsToken(std::string_view last_event_id);
std::string NextSeatsToken(const SeatsQuery& query, SeatNo next);

}  // namespace seatsaga::seat
