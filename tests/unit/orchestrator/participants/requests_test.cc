// What goes to the participants, which calls travel together, and what answers mean.
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "common/outcome.h"
#include "orchestrator/participants/call_queue.h"
#include "orchestrator/participants/request_builders.h"
#include "orchestrator/participants/results.h"
#include "orchestrator/sagas/reservation_saga.h"

namespace seatsaga::participants {
namespace {

using sagas::Call;

constexpr uint64_t kToken = 7;

CallRequest RequestOf(Call call, core::CallKind kind = core::CallKind::kAction) {
  CallRequest request;
  request.saga_id = *Id::FromBytes("saga0123456789ab");
  request.command.kind = kind;
  request.command.call = call;
  request.command.step = 3;
  request.command.attempt = 2;
  request.step_name = "some_step";
  request.facts = std::make_shared<const sagas::SagaFacts>(
      sagas::SagaFacts{.user_id = "ada",
                       .event_id = "hamlet",
                       .seat_ids = {"stalls/A/1", "stalls/A/2"},
                       .sealed_payment_token = std::string("\0sealed\xff", 8),
                       .price_minor = 4500,
                       .currency = "EUR"});
  request.reason = "PAYMENT_DECLINED";
  request.message = "the card was declined";
  return request;
}

template <class Command>
void RequireKey(const Command& command) {
  REQUIRE(command.saga_id() == RequestOf(Call::kNone).saga_id.ToString());
  REQUIRE(command.step() == "some_step");
  REQUIRE(command.fencing_token() == kToken);
}

template <class Batch>
auto Built(Call call) {
  typename Batch::Request batch;
  Batch::Add(RequestOf(call), kToken, batch);
  REQUIRE(batch.commands_size() == 1);
  return batch.commands(0);
}

TEST_CASE("reserving names the event and every seat") {
  const auto command = Built<SeatBatch>(Call::kReserveSeats);
  REQUIRE(command.has_reserve_seats());
  RequireKey(command.reserve_seats());
  REQUIRE(command.reserve_seats().event_id() == "hamlet");
  REQUIRE(command.reserve_seats().seat_ids_size() == 2);
  REQUIRE(command.reserve_seats().seat_ids(1) == "stalls/A/2");
}

TEST_CASE("releasing needs only the key") {
  const auto command = Built<SeatBatch>(Call::kReleaseSeats);
  REQUIRE(command.has_release_seats());
  RequireKey(command.release_seats());
}

TEST_CASE("charging carries the price that seat_svc said and the sealed token") {
  const auto command = Built<PaymentBatch>(Call::kChargePayment);
  REQUIRE(command.has_charge_payment());
  RequireKey(command.charge_payment());
  REQUIRE(command.charge_payment().amount().amount_minor() == 4500);
  REQUIRE(command.charge_payment().amount().currency() == "EUR");
  REQUIRE(command.charge_payment().sealed_payment_token() == std::string("\0sealed\xff", 8));
}

TEST_CASE("refunding and probing need only the key of the charge's step") {
  const auto refund = Built<PaymentBatch>(Call::kRefundPayment);
  REQUIRE(refund.has_refund_payment());
  RequireKey(refund.refund_payment());
  const auto probe = Built<PaymentBatch>(Call::kProbePayment);
  REQUIRE(probe.has_probe_payment());
  RequireKey(probe.probe_payment());
}

TEST_CASE("no transport error reaches the customer of a cancelled reservation") {
  CallRequest request = RequestOf(Call::kCancelReservation);
  request.reason = std::string(core::kOutcomeUnknown);
  request.message = "UNAVAILABLE: ipv4:10.1.2.3:50053: connection refused";
  ReservationBatch::Request batch;
  ReservationBatch::Add(request, kToken, batch);
  const auto& cancel = batch.commands(0).cancel_reservation();
  REQUIRE(cancel.reason() == "OUTCOME_UNKNOWN");
  REQUIRE(cancel.message().find("nothing is charged") != std::string::npos);
  REQUIRE(cancel.message().find("10.1.2.3") == std::string::npos);
}

TEST_CASE("confirming tells the price, cancelling tells why") {
  const auto confirm = Built<ReservationBatch>(Call::kConfirmReservation);
  REQUIRE(confirm.has_confirm_reservation());
  RequireKey(confirm.confirm_reservation());
  REQUIRE(confirm.confirm_reservation().price().amount_minor() == 4500);
  REQUIRE(confirm.confirm_reservation().price().currency() == "EUR");
  const auto cancel = Built<ReservationBatch>(Call::kCancelReservation);
  REQUIRE(cancel.has_cancel_reservation());
  RequireKey(cancel.cancel_reservation());
  REQUIRE(cancel.cancel_reservation().reason() == "PAYMENT_DECLINED");
  REQUIRE(cancel.cancel_reservation().message() == "the card was declined");
}

std::vector<CallRequest> Requests(int count) {
  std::vector<CallRequest> requests(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) requests[static_cast<size_t>(i)].command.attempt = i;
  return requests;
}

TEST_CASE("what has queued travels together, oldest first, up to the limit") {
  CallQueue queue({.rpcs_in_flight_max = 10, .batch_max = 3});
  queue.Add(Requests(2));
  queue.Add(Requests(5));
  const std::vector<std::vector<int>> expected = {{0, 1, 0}, {1, 2, 3}, {4}};
  for (const auto& attempts : expected) {
    std::vector<int> taken;
    for (const CallRequest& call : queue.Take()) taken.push_back(call.command.attempt);
    REQUIRE(taken == attempts);
  }
  REQUIRE(queue.Take().empty());
}

TEST_CASE("no more RPCs are in flight than allowed, an end lets the next go") {
  CallQueue queue({.rpcs_in_flight_max = 2, .batch_max = 1});
  queue.Add(Requests(5));
  REQUIRE(queue.Take().size() == 1);
  REQUIRE(queue.Take().size() == 1);
  REQUIRE(queue.Take().empty());
  queue.Ended();
  REQUIRE(queue.Take().size() == 1);
  REQUIRE(queue.Take().empty());
}

TEST_CASE("taking nothing does not count as in flight") {
  CallQueue queue({.rpcs_in_flight_max = 1, .batch_max = 1});
  REQUIRE(queue.Take().empty());
  queue.Add(Requests(1));
  REQUIRE(queue.Take().size() == 1);
}

TEST_CASE("a result is known by the attempt that it ends, whatever the answer") {
  CallRequest call = RequestOf(Call::kRefundPayment, core::CallKind::kCompensation);
  call.command.direction = core::Direction::kCompensation;
  for (const CallResult& result :
       {ResultOf(call, Succeeded()), UnknownResult(call, absl::UnavailableError("gone"))}) {
    REQUIRE(result.saga_id == call.saga_id);
    REQUIRE(result.kind == core::CallKind::kCompensation);
    REQUIRE(result.step == 3);
    REQUIRE(result.direction == core::Direction::kCompensation);
    REQUIRE(result.attempt == 2);
  }
}

TEST_CASE("every answer of a participant has one meaning") {
  const CallRequest call = RequestOf(Call::kChargePayment);
  const auto outcome = [&](saga::v1::Outcome answer) {
    return ResultOf(call, WithReason(answer, "R", "m")).outcome;
  };
  REQUIRE(outcome(saga::v1::OUTCOME_SUCCEEDED) == core::Outcome::kSucceeded);
  REQUIRE(outcome(saga::v1::OUTCOME_REFUSED) == core::Outcome::kRefused);
  REQUIRE(outcome(saga::v1::OUTCOME_NOT_FOUND) == core::Outcome::kNotFound);
  REQUIRE(outcome(saga::v1::OUTCOME_INVALID) == core::Outcome::kInvalid);
  for (const auto unknown : {saga::v1::OUTCOME_UNKNOWN, saga::v1::OUTCOME_UNSPECIFIED,
                             saga::v1::OUTCOME_IN_PROGRESS, static_cast<saga::v1::Outcome>(99)}) {
    REQUIRE(outcome(unknown) == core::Outcome::kUnknown);
  }
}

TEST_CASE("an answer's reason, words and amount are kept") {
  const CallResult refused =
      ResultOf(RequestOf(Call::kChargePayment), Refused("PAYMENT_DECLINED", "no"));
  REQUIRE(refused.reason == "PAYMENT_DECLINED");
  REQUIRE(refused.message == "no");
  const CallResult priced = ResultOf(RequestOf(Call::kReserveSeats), Succeeded(4500, "EUR"));
  REQUIRE(priced.amount_minor == 4500);
  REQUIRE(priced.currency == "EUR");
  REQUIRE(ResultOf(RequestOf(Call::kChargePayment), InProgress()).reason == "DEADLINE_EXCEEDED");
}

TEST_CASE("a transport's error is unknown, with its code as the reason and its words cut short") {
  const CallRequest call = RequestOf(Call::kChargePayment);
  const CallResult result = UnknownResult(call, absl::InvalidArgumentError(std::string(1000, 'x')));
  REQUIRE(result.outcome == core::Outcome::kUnknown);
  REQUIRE(result.reason == "INVALID_ARGUMENT");
  REQUIRE(result.message == std::string(160, 'x'));
}

TEST_CASE("a transport's error never leaves text that a stored history could not hold") {
  const CallRequest call = RequestOf(Call::kChargePayment);
  const CallResult cut =
      UnknownResult(call, absl::UnavailableError(std::string(159, 'x') + "\xc3\xa9"));
  REQUIRE(cut.message == std::string(159, 'x') + "?");
  REQUIRE(UnknownResult(call, absl::UnavailableError("\xff")).message == "?");
}

}  // namespace
}  // namespace seatsaga::participants
