#include "orchestrator/participants/grpc_participants.h"

#include <utility>

#include "orchestrator/participants/request_builders.h"
#include "orchestrator/sagas/reservation_saga.h"

namespace seatsaga::participants {
namespace {

using sagas::Call;

// A quick participant's answers come back together: few RPCs in flight make large batches.
constexpr CallQueueLimits kQuick{.rpcs_in_flight_max = 2, .batch_max = 256};
// The payment provider's time passes inside the RPC.
constexpr CallQueueLimits kSlow{.rpcs_in_flight_max = 16, .batch_max = 256};

class GrpcParticipants final : public Participants {
 public:
  GrpcParticipants(IoThread& io, const Targets& targets, uint64_t fencing_token,
                   const ResultSink& sink)
      : seats_(io, targets.seats, kQuick, Follows::kCalls, fencing_token, sink),
        payments_(io, targets.payments, kSlow, Follows::kCalls, fencing_token, sink),
        reservations_(io, targets.reservations, kQuick, Follows::kEndOfSaga, fencing_token, sink) {}

  void Send(std::vector<CallRequest> requests) override {
    std::vector<CallRequest> seats;
    std::vector<CallRequest> payments;
    std::vector<CallRequest> reservations;
    for (CallRequest& request : requests) {
      switch (request.command.call.As<Call>()) {
        case Call::kNone:
          break;
        case Call::kReserveSeats:
        case Call::kReleaseSeats:
          seats.push_back(std::move(request));
          break;
        case Call::kChargePayment:
        case Call::kProbePayment:
        case Call::kRefundPayment:
          payments.push_back(std::move(request));
          break;
        case Call::kConfirmReservation:
        case Call::kCancelReservation:
          reservations.push_back(std::move(request));
          break;
      }
    }
    if (!seats.empty()) seats_.Send(std::move(seats));
    if (!payments.empty()) payments_.Send(std::move(payments));
    if (!reservations.empty()) reservations_.Send(std::move(reservations));
  }

 private:
  BatchClient<SeatBatch> seats_;
  BatchClient<PaymentBatch> payments_;
  BatchClient<ReservationBatch> reservations_;
};

}  // namespace

std::unique_ptr<Participants> ConnectParticipants(IoThread& io, const Targets& targets,
                                                  uint64_t fencing_token, ResultSink sink) {
  return std::make_unique<GrpcParticipants>(io, targets, fencing_token, sink);
}

}  // namespace seatsaga::participants
