#include "seat_svc/seat_requests.h"

#include <charconv>
#include <utility>

#include "common/fingerprint.h"
#include "common/page_token.h"
#include "common/text.h"
#include "common/validation.h"
#include "seat_svc/event_rules.h"

namespace seatsaga::seat {
namespace {

constexpr int kEventsPage = 50;
constexpr int kEventsPageMax = 1'000;
constexpr int kSeatsPage = 1'000;
constexpr int kSeatsPageMax = 10'000;
constexpr std::string_view kEventsScope = "seat/ListEvents";

std::string SeatsScope(std::string_view event_id, v1::SeatState state) {
  return Cat("seat/ListSeats/", event_id, "/", static_cast<int>(state));
}

template <class T>
absl::StatusOr<T> Unless(const FieldErrors& errors, T parsed) {
  if (!errors.empty()) return errors.ToStatus();
  return parsed;
}

// An action on some seats: those of the event that it names.
template <class Request>
SeatCommand ParseSeats(CommandKind kind, Request& request, FieldErrors& errors) {
  SeatCommand command;
  participant::ParseKey(request.key(), saga::v1::DIRECTION_ACTION, command, errors);
  command.body.kind = kind;
  command.body.reservation_id =
      participant::ParseReservationId(request.reservation_id(), command, errors);
  CheckEventId("event_id", request.event_id(), errors);
  CheckSeatIds("seat_ids", request.seat_ids(), errors);
  if (!errors.empty()) return command;
  Fingerprint body;
  body.Add(request.event_id());
  command.body.event_id = std::move(*request.mutable_event_id());
  command.body.seat_ids.reserve(static_cast<size_t>(request.seat_ids_size()));
  for (std::string& seat_id : *request.mutable_seat_ids()) {
    body.Add(seat_id);
    command.body.seat_ids.push_back(std::move(seat_id));
  }
  command.digest = body.AddIfSet("reservation_id", request.reservation_id()).Digest();
  return command;
}

}  // namespace

SeatCommand ParseReserve(v1::ReserveSeatsRequest& request, FieldErrors& errors) {
  return ParseSeats(CommandKind::kReserve, request, errors);
}

SeatCommand ParseRelease(const v1::ReleaseSeatsRequest& request, FieldErrors& errors) {
  SeatCommand command;
  participant::ParseKey(request.key(), saga::v1::DIRECTION_COMPENSATION, command, errors);
  command.body.kind = CommandKind::kRelease;
  command.body.reservation_id =
      participant::ParseReservationId(request.reservation_id(), command, errors);
  command.body.all_seats = request.all_seats();
  command.digest = Fingerprint()
                       .AddIfSet("reservation_id", request.reservation_id())
                       .AddIfSet("all_seats", request.all_seats() ? "true" : "")
                       .Digest();
  return command;
}

SeatCommand ParseCommand(v1::SeatCommand& command, FieldErrors& errors) {
  switch (command.command_case()) {
    case v1::SeatCommand::kReserveSeats:
      return ParseReserve(*command.mutable_reserve_seats(), errors);
    case v1::SeatCommand::kReleaseSeats:
      return ParseRelease(command.release_seats(), errors);
    case v1::SeatCommand::kGiveBackSeats:
      return ParseSeats(CommandKind::kGiveBack, *command.mutable_give_back_seats(), errors);
    case v1::SeatCommand::COMMAND_NOT_SET:
      break;  // ParseBatch has answered it
  }
  return {};
}

absl::StatusOr<CreateEvent> ParseCreate(v1::CreateEventRequest& request) {
  FieldErrors errors;
  if (!request.has_event()) {
    errors.Add("event", "required: the event to create");
    return errors.ToStatus();
  }
  CheckEvent(request.event(), errors);
  KeepInputFields(*request.mutable_event());
  return Unless(errors, CreateEvent{std::move(*request.mutable_event())});
}

absl::StatusOr<EventQuery> ParseGetEvent(v1::GetEventRequest& request) {
  FieldErrors errors;
  CheckEventId("event_id", request.event_id(), errors);
  return Unless(errors, EventQuery{std::move(*request.mutable_event_id())});
}

absl::StatusOr<EventsQuery> ParseListEvents(const v1::ListEventsRequest& request) {
  FieldErrors errors;
  EventsQuery query;
  query.size = CheckPageSize(request.page_size(), kEventsPage, kEventsPageMax, errors);
  query.after_event_id = ReadPageToken(kEventsScope, request.page_token(), errors);
  return Unless(errors, std::move(query));
}

std::string NextEventsToken(std::string_view last_event_id) {
  return MakePageToken(kEventsScope, last_event_id);
}

absl::StatusOr<SeatsQuery> ParseListSeats(v1::ListSeatsRequest& request) {
  FieldErrors errors;
  SeatsQuery query{.state = request.state()};
  CheckEventId("event_id", request.event_id(), errors);
  if (!v1::SeatState_IsValid(request.state())) {
    errors.Add("state", "must be SEAT_STATE_AVAILABLE, SEAT_STATE_RESERVED, or unset for all");
  }
  query.size = CheckPageSize(request.page_size(), kSeatsPage, kSeatsPageMax, errors);
  const std::string cursor =
      ReadPageToken(SeatsScope(request.event_id(), request.state()), request.page_token(), errors);
  query.event_id = std::move(*request.mutable_event_id());
  if (cursor.empty()) return Unless(errors, std::move(query));
  const char* const end = cursor.data() + cursor.size();
  const auto [stopped, error] = std::from_chars(cursor.data(), end, query.first);
  if (error != std::errc() || stopped != end || query.first < 0) {
    // No page of ours made it. This can happen, because tokens are not secret.
    errors.Add("page_token", "is not from this list; start again with an empty page_token");
  }
  return Unless(errors, std::move(query));
}

absl::StatusOr<WatchQuery> ParseWatchSeats(const v1::WatchSeatsRequest& request) {
  FieldErrors errors;
  CheckEventId("event_id", request.event_id(), errors);
  if (!request.section().empty() && !IsName(request.section(), kSectionNameMax)) {
    errors.Add("section",
               "must be the name of a section, of 1-32 letters, digits, '-' and '_', or left out "
               "for all");
  }
  return Unless(errors, WatchQuery{request.event_id(), request.section()});
}

std::string NextSeatsToken(const SeatsQuery& query, SeatNo next) {
  return MakePageToken(SeatsScope(query.event_id, query.state), Cat(next));
}

}  // namespace seatsaga::seat
