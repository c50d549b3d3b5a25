#include "reservation_svc/reservation_service.h"

#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/errors.h"
#include "reservation_svc/reservation_replies.h"
#include "reservation_svc/reservation_requests.h"

namespace seatsaga::reservation {
namespace {

// A reply in the domain's words, which answers `reply` in those of the wire.
template <class Domain, class Response, class F>
Reply<Domain> Mapped(Reply<Response> reply, F map) {
  return Reply<Domain>([reply = std::move(reply), map](absl::StatusOr<Domain> answer) mutable {
    if (answer.ok()) {
      reply.Send(map(*std::move(answer)));
    } else {
      reply.Send(std::move(answer).status());
    }
  });
}

template <class Response>
Response WithReservation(const Reservation& reservation) {
  Response response;
  *response.mutable_reservation() = ToProto(reservation);
  return response;
}

template <class One>
void PushOrRefuse(BatchLoop<Input>& loop, One one) {
  Input input(std::move(one));
  if (!loop.TryPush(std::move(input))) std::get<One>(input).reply.Send(loop.Refusal());
}

}  // namespace

void ReservationService::Register(RpcServer& server) {
  const std::string prefix = "seatsaga.reservation.v1.ReservationService/";
  server.Handle<v1::CreateReservationRequest, v1::CreateReservationResponse>(
      prefix + "CreateReservation", [this](auto& request, auto reply, absl::Time deadline) {
        Create(request, std::move(reply), deadline);
      });
  server.Handle<v1::ExecuteReservationCommandsRequest, v1::ExecuteReservationCommandsResponse>(
      prefix + "ExecuteReservationCommands",
      [this](auto& request, auto reply, absl::Time) { Execute(request, std::move(reply)); });
  server.Handle<v1::GetReservationRequest, v1::GetReservationResponse>(
      prefix + "GetReservation",
      [this](auto& request, auto reply, absl::Time) { Get(request, std::move(reply)); });
  server.Handle<v1::ListReservationsRequest, v1::ListReservationsResponse>(
      prefix + "ListReservations", [this](auto& request, auto reply, absl::Time) {
        List(std::move(request), std::move(reply));
      });
}

void ReservationService::Create(const v1::CreateReservationRequest& request,
                                Reply<v1::CreateReservationResponse> reply, absl::Time deadline) {
  const absl::Time now = absl::Now();
  absl::StatusOr<CreateInput> input = ParseCreate(request, ids_.Next(now), sealer_, now, deadline);
  if (!input.ok()) {
    reply.Send(input.status());
    return;
  }
  input->reply =
      Mapped<Reservation>(std::move(reply), WithReservation<v1::CreateReservationResponse>);
  PushOrRefuse(loop_, *std::move(input));
}

void ReservationService::Execute(const v1::ExecuteReservationCommandsRequest& request,
                                 Reply<v1::ExecuteReservationCommandsResponse> reply) {
  absl::StatusOr<ExecuteInput> input = ParseExecute(request);
  if (!input.ok()) {
    reply.Send(input.status());
    return;
  }
  input->reply = Mapped<std::vector<CommandResult>>(
      std::move(reply),
      [](std::vector<CommandResult> results) { return ToProto(std::move(results)); });
  PushOrRefuse(loop_, *std::move(input));
}

void ReservationService::Get(const v1::GetReservationRequest& request,
                             Reply<v1::GetReservationResponse> reply) {
  const absl::StatusOr<Id> id = ParseGet(request);
  if (!id.ok()) {
    reply.Send(id.status());
    return;
  }
  lane_.Answer(Mapped<Reservation>(std::move(reply), WithReservation<v1::GetReservationResponse>),
               [this, id = *id] { return reader_.Get(id); });
}

void ReservationService::List(v1::ListReservationsRequest request,
                              Reply<v1::ListReservationsResponse> reply) {
  absl::StatusOr<ListQuery> query = ParseList(request);
  if (!query.ok()) {
    reply.Send(query.status());
    return;
  }
  auto to_response = [request = std::move(request)](const Page& page) {
    v1::ListReservationsResponse response;
    for (const Reservation& one : page.reservations) *response.add_reservations() = ToProto(one);
    if (page.next) response.set_next_page_token(NextPageToken(request, *page.next));
    return response;
  };
  lane_.Answer(Mapped<Page>(std::move(reply), std::move(to_response)),
               [this, query = *std::move(query)] { return reader_.List(query); });
}

}  // namespace seatsaga::reservation
