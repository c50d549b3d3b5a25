#pragma once

#include "absl/time/time.h"
#include "common/batch_loop.h"
#include "common/id.h"
#include "common/read_lane.h"
#include "common/reply.h"
#include "common/rpc/server.h"
#include "common/sealed_token.h"
#include "reservation_svc/reservation_book.h"
#include "reservation_svc/reservation_reader.h"
#include "seatsaga/reservation/v1/reservation.pb.h"

namespace seatsaga::reservation {

// ReservationService on the wire: requests are checked, then queued for the loop or the read lane.
// Handlers run on the server's I/O thread.
class ReservationService {
 public:
  // All must outlive the service; `reader` belongs to the lane's thread.
  ReservationService(BatchLoop<Input>& loop, ReadLane& lane, ReservationReader& reader,
                     const TokenSealer& sealer)
      : loop_(loop), lane_(lane), reader_(reader), sealer_(sealer) {}

  // Before the server starts. The service must outlive the server's handlers.
  void Register(RpcServer& server);

 private:
  void Create(const v1::CreateReservationRequest& request,
              Reply<v1::CreateReservationResponse> reply, absl::Time deadline);
  void Execute(const v1::ExecuteReservationCommandsRequest& request,
               Reply<v1::ExecuteReservationCommandsResponse> reply);
  void Get(const v1::GetReservationRequest& request, Reply<v1::GetReservationResponse> reply);
  void List(v1::ListReservationsRequest request, Reply<v1::ListReservationsResponse> reply);

  BatchLoop<Input>& loop_;
  ReadLane& lane_;
  ReservationReader& reader_;
  const TokenSealer& sealer_;
  IdGenerator ids_;  // I/O thread only: randomness stays out of the loop
};

}  // namespace seatsaga::reservation
