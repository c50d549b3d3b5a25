#include "bench/in_process/wire_participants.h"

#include <utility>

#include "bench/in_process/orchestrator_server.h"
#include "orchestrator/participants/by_participant.h"
#include "orchestrator/participants/request_builders.h"
#include "orchestrator/participants/results.h"

namespace seatsaga::bench {

using participants::CallRequest;

void WireParticipants::Send(std::vector<CallRequest> requests) {
  participants::ByParticipant sorted = participants::Sort(std::move(requests));
  SendTo<participants::SeatBatch>(methods_.seats, std::move(sorted.seats));
  SendTo<participants::PaymentBatch>(methods_.payments, std::move(sorted.payments));
  SendTo<participants::ReservationBatch>(methods_.reservations, std::move(sorted.reservations));
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
