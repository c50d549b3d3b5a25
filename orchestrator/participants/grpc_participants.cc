#include "orchestrator/participants/grpc_participants.h"

#include <utility>

#include "orchestrator/participants/by_participant.h"
#include "orchestrator/participants/request_builders.h"

namespace seatsaga::participants {
namespace {

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
    ByParticipant sorted = Sort(std::move(requests));
    if (!sorted.seats.empty()) seats_.Send(std::move(sorted.seats));
    if (!sorted.payments.empty()) payments_.Send(std::move(sorted.payments));
    if (!sorted.reservations.empty()) reservations_.Send(std::move(sorted.reservations));
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
