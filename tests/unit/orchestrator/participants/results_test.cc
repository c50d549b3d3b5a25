// Which calls travel together, and what answers mean.
#include "orchestrator/participants/results.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "common/participant/command.h"
#include "common/participant/outcome.h"
#include "orchestrator/participants/call_queue.h"

namespace seatsaga::participants {
namespace {

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

CallRequest SomeCall() {
  CallRequest request;
  request.saga_id = *Id::FromBytes("saga0123456789ab");
  request.command.kind = core::CallKind::kAction;
  request.command.step = 3;
  request.command.round = 4;
  request.command.attempt = 2;
  return request;
}

CallResult ResultOf(const CallRequest& call, CommandResult&& answer) {
  return participants::ResultOf(call, answer);
}

TEST_CASE("a result is known by the attempt that it ends, whatever the answer") {
  CallRequest call = SomeCall();
  call.command.kind = core::CallKind::kCompensation;
  call.command.direction = core::Direction::kCompensation;
  std::vector<CallResult> results;
  results.push_back(ResultOf(call, Succeeded()));
  results.push_back(UnknownResult(call, absl::UnavailableError("gone")));
  results.push_back(NotSentResult(call, "seat_svc"));
  for (const CallResult& result : results) {
    REQUIRE(result.saga_id == call.saga_id);
    REQUIRE(result.kind == core::CallKind::kCompensation);
    REQUIRE(result.step == 3);
    REQUIRE(result.direction == core::Direction::kCompensation);
    REQUIRE(result.round == 4);
    REQUIRE(result.attempt == 2);
  }
}

TEST_CASE("every answer of a participant has one meaning") {
  const CallRequest call = SomeCall();
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

TEST_CASE("an answer's reason, words and result are kept") {
  const CallResult refused = ResultOf(SomeCall(), Refused("PAYMENT_DECLINED", "no"));
  REQUIRE(refused.reason == "PAYMENT_DECLINED");
  REQUIRE(refused.message == "no");
  const CallResult priced = ResultOf(SomeCall(), Succeeded(4500, "EUR"));
  REQUIRE(priced.result->amount().amount_minor() == 4500);
  REQUIRE(priced.result->amount().currency() == "EUR");
  REQUIRE(refused.result == nullptr);
  REQUIRE(ResultOf(SomeCall(), InProgress()).reason == "DEADLINE_EXCEEDED");
}

TEST_CASE("a command that the participant's release does not know is unknown, with that reason") {
  const CallResult result = ResultOf(
      SomeCall(), WithReason(saga::v1::OUTCOME_UNKNOWN, participant::kUnknownCommand, "too old"));
  REQUIRE(result.outcome == core::Outcome::kUnknown);
  REQUIRE(result.reason == participant::kUnknownCommand);
}

TEST_CASE("an attempt that was never sent says so") {
  const CallResult result = NotSentResult(SomeCall(), "seat_svc (host:1)");
  REQUIRE(result.outcome == core::Outcome::kUnknown);
  REQUIRE(result.reason == "PARTICIPANT_NOT_TAKEN");
  REQUIRE(result.message.find("not sent: seat_svc (host:1)") == 0);
}

TEST_CASE("a transport's error is unknown, with its code as the reason and its words cut short") {
  const CallRequest call = SomeCall();
  const CallResult result = UnknownResult(call, absl::InvalidArgumentError(std::string(1000, 'x')));
  REQUIRE(result.outcome == core::Outcome::kUnknown);
  REQUIRE(result.reason == "INVALID_ARGUMENT");
  REQUIRE(result.message == std::string(160, 'x'));
}

TEST_CASE("a transport's error never leaves text that a stored history could not hold") {
  const CallRequest call = SomeCall();
  const CallResult cut =
      UnknownResult(call, absl::UnavailableError(std::string(159, 'x') + "\xc3\xa9"));
  REQUIRE(cut.message == std::string(159, 'x') + "?");
  REQUIRE(UnknownResult(call, absl::UnavailableError("\xff")).message == "?");
}

}  // namespace
}  // namespace seatsaga::participants
