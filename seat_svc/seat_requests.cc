#include "seat_svc/seat_requests.h"

#include <charconv>
#include <utility>

#include "common/fingerprint.h"
#include "common/page_token.h"
#include "common/text.h"
#include "common/validation.h"

namespace seatsaga::seat {
namespace {

constexpr int kEventsPage = 50;
constexpr int kEventsPageMax = 1'000;
constexpr int kSeatsPage = 1'000;
constexpr int kSeatsPageMax = 10'000;
constexpr std::string_view kEventsScope = "seat/ListEvents";

// The fields that both kinds of command have.
template <class Request>
BarrierCommand ParseKey(Request& request, saga::v1::Direction direction, FieldErrors& errors) {
  BarrierCommand key;
  if (const auto saga_id = CheckId("saga_id", request.saga_id(), errors)) key.saga_id = *saga_id;
  CheckText("step", request.step(), kStepMax, errors);
  key.step = std::move(*request.mutable_step());
  key.direction = direction;
  key.fencing_token = request.fencing_token();
  return key;
}

std::string SeatsScope(std::string_view event_id, v1::SeatState state) {
  return Cat("seat/ListSeats/", event_id, "/", static_cast<int>(state));
}

// A cursor that no page of ours can have made, for tokens are not secret.
void AddBadCursor(FieldErrors& errors) {
  errors.Add("page_token", "is not from this list; start again with an empty page_token");
}

}  // namespace

SeatCommand ParseReserve(v1::ReserveSeatsRequest& request, FieldErrors& errors) {
  SeatCommand command;
  command.key = ParseKey(request, saga::v1::DIRECTION_ACTION, errors);
  CheckEventId("event_id", request.event_id(), errors);
  CheckSeatIds("seat_ids", request.seat_ids(), errors);
  if (!errors.empty()) return command;
  Fingerprint body;
  body.Add(request.event_id());
  command.event_id = std::move(*request.mutable_event_id());
  command.seat_ids.reserve(static_cast<size_t>(request.seat_ids_size()));
  for (std::string& seat_id : *request.mutable_seat_ids()) {
    body.Add(seat_id);
    command.seat_ids.push_back(std::move(seat_id));
  }
  command.key.fingerprint = body.Digest();
  return command;
}

SeatCommand ParseRelease(v1::ReleaseSeatsRequest& request, FieldErrors& errors) {
  SeatCommand command;  // no fingerprint: beside its key and the token it has no body
  command.key = ParseKey(request, saga::v1::DIRECTION_COMPENSATION, errors);
  return command;
}

SeatCommand ParseCommand(v1::SeatCommand& request) {
  FieldErrors errors;
  SeatCommand command;
  switch (request.command_case()) {
    case v1::SeatCommand::kReserveSeats:
      command = ParseReserve(*request.mutable_reserve_seats(), errors);
      break;
    case v1::SeatCommand::kReleaseSeats:
      command = ParseRelease(*request.mutable_release_seats(), errors);
      break;
    case v1::SeatCommand::COMMAND_NOT_SET:
      errors.Add("command", "required: reserve_seats or release_seats");
  }
  if (!errors.empty()) {
    command.rejected = Invalid("INVALID_REQUEST", View(errors.ToStatus().message()));
  }
  return command;
}

std::vector<SeatCommand> ParseCommands(v1::ExecuteSeatCommandsRequest& request,
                                       FieldErrors& errors) {
  std::vector<SeatCommand> commands;
  if (request.commands().empty() || request.commands_size() > kCommandsMax) {
    errors.Add("commands",
               Cat("has ", request.commands_size(), " commands; send 1 to ", kCommandsMax));
    return commands;
  }
  commands.reserve(static_cast<size_t>(request.commands_size()));
  for (v1::SeatCommand& command : *request.mutable_commands()) {
    commands.push_back(ParseCommand(command));
  }
  return commands;
}

v1::Event ParseCreate(v1::CreateEventRequest& request, FieldErrors& errors) {
  if (!request.has_event()) {
    errors.Add("event", "required: the event to create");
    return {};
  }
  CheckEvent(request.event(), errors);
  v1::Event event = std::move(*request.mutable_event());
  KeepInputFields(event);
  return event;
}

EventQuery ParseListEvents(const v1::ListEventsRequest& request, FieldErrors& errors) {
  EventQuery query;
  query.size = CheckPageSize(request.page_size(), kEventsPage, kEventsPageMax, errors);
  query.after_event_id = ReadPageToken(kEventsScope, request.page_token(), errors);
  return query;
}

std::string NextEventsToken(const EventPage& page) {
  return page.more ? MakePageToken(kEventsScope, page.events.back().event_id()) : "";
}

SeatQuery ParseListSeats(const v1::ListSeatsRequest& request, FieldErrors& errors) {
  SeatQuery query{.event_id = request.event_id(), .state = request.state()};
  CheckEventId("event_id", request.event_id(), errors);
  if (!v1::SeatState_IsValid(request.state())) {
    errors.Add("state", "must be SEAT_STATE_AVAILABLE, SEAT_STATE_RESERVED, or unset for all");
  }
  query.size = CheckPageSize(request.page_size(), kSeatsPage, kSeatsPageMax, errors);
  const std::string cursor =
      ReadPageToken(SeatsScope(request.event_id(), request.state()), request.page_token(), errors);
  if (cursor.empty()) return query;
  const char* const end = cursor.data() + cursor.size();
  const auto [stopped, error] = std::from_chars(cursor.data(), end, query.first);
  if (error != std::errc() || stopped != end || query.first < 0) AddBadCursor(errors);
  return query;
}

std::string NextSeatsToken(const SeatQuery& query, const SeatPage& page) {
  return page.next ? MakePageToken(SeatsScope(query.event_id, query.state), Cat(*page.next)) : "";
}

}  // namespace seatsaga::seat
