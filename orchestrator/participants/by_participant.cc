#include "orchestrator/participants/by_participant.h"

#include <utility>

#include "orchestrator/sagas/reservation_saga.h"

namespace seatsaga::participants {

ByParticipant Sort(std::vector<CallRequest> requests) {
  using sagas::Call;
  ByParticipant sorted;
  for (CallRequest& request : requests) {
    switch (request.command.call.As<Call>()) {
      case Call::kNone:
        break;
      case Call::kReserveSeats:
      case Call::kReleaseSeats:
        sorted.seats.push_back(std::move(request));
        break;
      case Call::kChargePayment:
      case Call::kProbePayment:
      case Call::kRefundPayment:
        sorted.payments.push_back(std::move(request));
        break;
      case Call::kConfirmReservation:
      case Call::kCancelReservation:
        sorted.reservations.push_back(std::move(request));
        break;
    }
  }
  return sorted;
}

}  // namespace seatsaga::participants
