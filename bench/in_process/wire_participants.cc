#include "bench/in_process/wire_participants.h"

#include <utility>

#include "bench/in_process/orchestrator_server.h"
#include "orchestrator/participants/request_builders.h"
#include "orchestrator/participants/results.h"
#include "orchestrator/sagas/reservation_saga.h"

namespace seatsaga::bench {

using participants::CallRequest;
using sagas::Call;

void WireParticipants::Send(std::vector<CallRequest> requests) {
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
  SendTo<participants::SeatBatch>(methods_.seats, std::move(seats));
  SendTo<participants::PaymentBatch>(methods_.payments, std::move(payments));
  SendTo<participants::ReservationBatch>(methods_.reservations, std::move(reservations));
}

template <class Batch>
void WireParticipants::SendTo(const WireMethod& method, std::vector<CallRequest> calls) {
  if (calls.empty()) return;
  typename Batch::Request request;
  for (const CallRequest& call : calls) Batch::Add(call, kFencingToken, request);
  std::string bytes = request.SerializeAsString();
  method(std::move(bytes), [this, calls = std::move(calls)](const std::string& answer) {
    const auto response = FromWire<typename Batch::Response>(answer);
    if (response.results_size() != static_cast<int>(calls.size())) Die("not one result a command");
    Results results;
    results.reserve(calls.size());
    for (size_t i = 0; i < calls.size(); ++i) {
      results.push_back(participants::ResultOf(calls[i], response.results(static_cast<int>(i))));
    }
    sink_(std::move(results));
  });
}

}  // namespace seatsaga::bench
