#include "bench/micro/sample_calls.h"

#include <memory>
#include <string>
#include <utility>

#include "bench/in_process/must.h"
#include "bench/in_process/orchestrator_server.h"

namespace seatsaga::bench {
namespace {

using core::CallKind;
using participants::CallRequest;

// More seats than any benchmark reserves.
constexpr int kEvents = 20;
constexpr char kToken[] = "tok_visa";
const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

// The step that makes this call, and how.
core::Command CommandOf(sagas::Call call) {
  const auto& steps = sagas::ReservationSaga().steps;
  core::Command command{.call = call, .attempt = 1, .deadline = kNow + absl::Seconds(2)};
  for (; command.step < static_cast<int>(steps.size()); ++command.step) {
    const core::Step& step = steps[static_cast<size_t>(command.step)];
    const bool undoes = step.compensation == core::CallId(call);
    command.direction = undoes ? core::Direction::kCompensation : core::Direction::kAction;
    command.kind = undoes                              ? CallKind::kCompensation
                   : step.action == core::CallId(call) ? CallKind::kAction
                   : step.probe == core::CallId(call)  ? CallKind::kProbe
                                                       : CallKind::kNone;
    if (command.kind != CallKind::kNone) return command;
  }
  Die("no step makes this call");
}

}  // namespace

SampleCalls::SampleCalls()
    : halls_("micro", kEvents), sealer_(Must(TokenSealer::FromKey(std::string(32, 'k')))) {}

CallRequest SampleCalls::Next(sagas::Call call) {
  if (!halls_.HasMore()) Die("seats ran out");
  Halls::Place place = halls_.Next();
  CallRequest request;
  request.saga_id = ids_.Next(kNow);
  request.facts = std::make_shared<const sagas::SagaFacts>(
      sagas::SagaFacts{.user_id = "user-1234",
                       .event_id = std::move(place.event_id),
                       .seat_ids = {std::move(place.seat_id)},
                       .sealed_payment_token = sealer_.Seal(kToken, request.saga_id),
                       .price_minor = Halls::kPriceMinor,
                       .currency = Halls::kCurrency});
  return Another(request, call);
}

CallRequest SampleCalls::Another(const CallRequest& before, sagas::Call call) {
  CallRequest request = before;
  request.command = CommandOf(call);
  request.step_name =
      sagas::ReservationSaga().steps[static_cast<size_t>(request.command.step)].name;
  return request;
}

reservation::v1::CreateReservationRequest CreationOf(const CallRequest& call) {
  reservation::v1::CreateReservationRequest request;
  request.set_request_id(call.saga_id.ToString());
  request.set_user_id(call.facts->user_id);
  request.set_event_id(call.facts->event_id);
  for (const std::string& seat_id : call.facts->seat_ids) request.add_seat_ids(seat_id);
  request.set_payment_token(kToken);
  return request;
}

orchestrator::v1::SagaStart StartOf(const CallRequest& call) {
  orchestrator::v1::SagaStart start;
  start.set_saga_id(call.saga_id.ToString());
  start.set_user_id(call.facts->user_id);
  start.set_event_id(call.facts->event_id);
  for (const std::string& seat_id : call.facts->seat_ids) start.add_seat_ids(seat_id);
  start.set_sealed_payment_token(call.facts->sealed_payment_token);
  return start;
}

}  // namespace seatsaga::bench
