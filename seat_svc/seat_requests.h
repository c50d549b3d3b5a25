#pragma once

#include "common/errors.h"
#include "seat_svc/event_rules.h"
#include "seat_svc/seat_command.h"
#include "seat_svc/seat_queries.h"
#include "seatsaga/seat/v1/seat.pb.h"

// Requests as they arrive, checked field by field and turned into what the writer and the read lane
// take. What is wrong is added to `errors`; then the result is not to be used. Requests are moved
// from. Pure; thread-safe.
namespace seatsaga::seat {

SeatCommand ParseReserve(v1::ReserveSeatsRequest& request, FieldErrors& errors);
SeatCommand ParseRelease(v1::ReleaseSeatsRequest& request, FieldErrors& errors);
// One command of a batch: what is wrong makes it a rejected one, so that the others go on.
SeatCommand ParseCommand(v1::SeatCommand& command);
std::vector<SeatCommand> ParseCommands(v1::ExecuteSeatCommandsRequest& request,
                                       FieldErrors& errors);

v1::Event ParseCreate(v1::CreateEventRequest& request, FieldErrors& errors);

struct EventQuery {
  std::string after_event_id;
  int size = 0;
};
EventQuery ParseListEvents(const v1::ListEventsRequest& request, FieldErrors& errors);
std::string NextEventsToken(const EventPage& page);

SeatQuery ParseListSeats(const v1::ListSeatsRequest& request, FieldErrors& errors);
std::string NextSeatsToken(const SeatQuery& query, const SeatPage& page);

}  // namespace seatsaga::seat
