#include "seat_svc/seat_service.h"

#include <string>
#include <utility>
#include <vector>

#include "common/errors.h"
#include "common/text.h"
#include "common/validation.h"
#include "seat_svc/seat_requests.h"

namespace seatsaga::seat {
namespace {

// The unary methods' view of a result: a command that breaks the contract is the caller's error,
// while a business "no" is an answer.
template <class Response>
absl::StatusOr<Response> ToUnary(absl::StatusOr<std::vector<CommandResult>> results) {
  if (!results.ok()) return results.status();
  CommandResult& result = results->front();
  if (result.outcome() == saga::v1::OUTCOME_INVALID) {
    return MakeError(absl::StatusCode::kInvalidArgument, result.reason(), result.message());
  }
  Response response;
  *response.mutable_result() = std::move(result);
  return response;
}

absl::StatusOr<v1::ExecuteSeatCommandsResponse> ToBatch(
    absl::StatusOr<std::vector<CommandResult>> results) {
  if (!results.ok()) return results.status();
  v1::ExecuteSeatCommandsResponse response;
  response.mutable_results()->Reserve(static_cast<int>(results->size()));
  for (CommandResult& result : *results) *response.add_results() = std::move(result);
  return response;
}

template <class Response>
absl::StatusOr<Response> WithEvent(absl::StatusOr<v1::Event> event) {
  if (!event.ok()) return event.status();
  Response response;
  *response.mutable_event() = *std::move(event);
  return response;
}

}  // namespace

void SeatService::Register(RpcServer& server) {
  const auto handle = [&]<class Request, class Response>(
                          std::string_view method,
                          void (SeatService::*handler)(Request&, Reply<Response>)) {
    server.Handle<Request, Response>(
        Cat("seatsaga.seat.v1.SeatService/", method),
        [this, handler](Request& request, Reply<Response> reply, absl::Time /*deadline*/) {
          (this->*handler)(request, std::move(reply));
        });
  };
  handle("CreateEvent", &SeatService::CreateEvent);
  handle("GetEvent", &SeatService::GetEvent);
  handle("ListEvents", &SeatService::ListEvents);
  handle("ListSeats", &SeatService::ListSeats);
  handle("ReserveSeats", &SeatService::ReserveSeats);
  handle("ReleaseSeats", &SeatService::ReleaseSeats);
  handle("ExecuteSeatCommands", &SeatService::ExecuteSeatCommands);
}

void SeatService::CreateEvent(v1::CreateEventRequest& request,
                              Reply<v1::CreateEventResponse> reply) {
  FieldErrors errors;
  v1::Event event = ParseCreate(request, errors);
  if (!errors.empty()) return reply.Send(errors.ToStatus());
  Push(seat::CreateEvent{
      std::move(event),
      Reply<v1::Event>([reply = std::move(reply)](absl::StatusOr<v1::Event> created) mutable {
        reply.Send(WithEvent<v1::CreateEventResponse>(std::move(created)));
      })});
}

void SeatService::GetEvent(v1::GetEventRequest& request, Reply<v1::GetEventResponse> reply) {
  FieldErrors errors;
  CheckEventId("event_id", request.event_id(), errors);
  if (!errors.empty()) return reply.Send(errors.ToStatus());
  lane_.Answer(std::move(reply), [this, event_id = std::move(*request.mutable_event_id())] {
    return WithEvent<v1::GetEventResponse>(queries_.GetEvent(event_id));
  });
}

void SeatService::ListEvents(v1::ListEventsRequest& request, Reply<v1::ListEventsResponse> reply) {
  FieldErrors errors;
  EventQuery query = ParseListEvents(request, errors);
  if (!errors.empty()) return reply.Send(errors.ToStatus());
  lane_.Answer(std::move(reply),
               [this, query = std::move(query)]() -> absl::StatusOr<v1::ListEventsResponse> {
                 auto page = queries_.ListEvents(query.after_event_id, query.size);
                 if (!page.ok()) return page.status();
                 v1::ListEventsResponse response;
                 response.set_next_page_token(NextEventsToken(*page));
                 for (v1::Event& event : page->events) *response.add_events() = std::move(event);
                 return response;
               });
}

void SeatService::ListSeats(v1::ListSeatsRequest& request,
                            Reply<OnArena<v1::ListSeatsResponse>> reply) {
  FieldErrors errors;
  SeatQuery query = ParseListSeats(request, errors);
  if (!errors.empty()) return reply.Send(errors.ToStatus());
  lane_.Answer(
      std::move(reply),
      [this, query = std::move(query)]() -> absl::StatusOr<OnArena<v1::ListSeatsResponse>> {
        auto page = queries_.ListSeats(query);
        if (!page.ok()) return page.status();
        page->response->set_next_page_token(NextSeatsToken(query, *page));
        return std::move(page->response);
      });
}

void SeatService::ReserveSeats(v1::ReserveSeatsRequest& request,
                               Reply<v1::ReserveSeatsResponse> reply) {
  FieldErrors errors;
  SeatCommand command = ParseReserve(request, errors);
  if (!errors.empty()) return reply.Send(errors.ToStatus());
  PushOne(std::move(command), std::move(reply));
}

void SeatService::ReleaseSeats(v1::ReleaseSeatsRequest& request,
                               Reply<v1::ReleaseSeatsResponse> reply) {
  FieldErrors errors;
  SeatCommand command = ParseRelease(request, errors);
  if (!errors.empty()) return reply.Send(errors.ToStatus());
  PushOne(std::move(command), std::move(reply));
}

void SeatService::ExecuteSeatCommands(v1::ExecuteSeatCommandsRequest& request,
                                      Reply<v1::ExecuteSeatCommandsResponse> reply) {
  FieldErrors errors;
  std::vector<SeatCommand> commands = ParseCommands(request, errors);
  if (!errors.empty()) return reply.Send(errors.ToStatus());
  Push(SeatCommands{
      std::move(commands),
      Reply<std::vector<CommandResult>>(
          [reply = std::move(reply)](absl::StatusOr<std::vector<CommandResult>> results) mutable {
            reply.Send(ToBatch(std::move(results)));
          })});
}

template <class Response>
void SeatService::PushOne(SeatCommand command, Reply<Response> reply) {
  SeatCommands one;
  one.commands.push_back(std::move(command));
  one.reply = Reply<std::vector<CommandResult>>(
      [reply = std::move(reply)](absl::StatusOr<std::vector<CommandResult>> results) mutable {
        reply.Send(ToUnary<Response>(std::move(results)));
      });
  Push(std::move(one));
}

void SeatService::Push(SeatInput input) {
  if (loop_.TryPush(std::move(input))) return;
  std::visit([&](auto& refused) { refused.reply.Send(loop_.Refusal()); }, input);
}

}  // namespace seatsaga::seat
