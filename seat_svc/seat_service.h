#pragma once

#include "common/batch_loop.h"
#include "common/read_lane.h"
#include "common/reply.h"
#include "common/rpc/server.h"
#include "seat_svc/seat_command.h"
#include "seat_svc/seat_queries.h"
#include "seatsaga/seat/v1/seat.pb.h"

namespace seatsaga::seat {

// seatsaga.seat.v1.SeatService: checks requests on the I/O thread, hands writes to the loop and
// queries to the read lane, and turns what they give back into responses.
class SeatService {
 public:
  // All three outlive the calls in progress; `queries` is used on the lane only.
  SeatService(BatchLoop<SeatInput>& loop, ReadLane& lane, SeatQueries& queries)
      : loop_(loop), lane_(lane), queries_(queries) {}

  // Call before the server starts. This must outlive the server's calls.
  void Register(RpcServer& server);

 private:
  void CreateEvent(v1::CreateEventRequest& request, Reply<v1::CreateEventResponse> reply);
  void GetEvent(v1::GetEventRequest& request, Reply<v1::GetEventResponse> reply);
  void ListEvents(v1::ListEventsRequest& request, Reply<v1::ListEventsResponse> reply);
  void ListSeats(v1::ListSeatsRequest& request, Reply<OnArena<v1::ListSeatsResponse>> reply);
  void ReserveSeats(v1::ReserveSeatsRequest& request, Reply<v1::ReserveSeatsResponse> reply);
  void ReleaseSeats(v1::ReleaseSeatsRequest& request, Reply<v1::ReleaseSeatsResponse> reply);
  void ExecuteSeatCommands(v1::ExecuteSeatCommandsRequest& request,
                           Reply<v1::ExecuteSeatCommandsResponse> reply);

  // A batch of one, for the unary methods.
  template <class Response>
  void PushOne(SeatCommand command, Reply<Response> reply);
  void Push(SeatInput input);

  BatchLoop<SeatInput>& loop_;
  ReadLane& lane_;
  SeatQueries& queries_;
};

}  // namespace seatsaga::seat
