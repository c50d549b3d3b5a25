#include "orchestrator/participants/results.h"

#include <string>
#include <utility>

#include "common/text.h"

namespace seatsaga::participants {
namespace {

// Of a transport's error text: it goes into every attempt's history entry.
constexpr size_t kMessageMax = 160;

CallResult Identify(const CallRequest& call) {
  CallResult result;
  result.saga_id = call.saga_id;
  result.kind = call.command.kind;
  result.step = call.command.step;
  result.direction = call.command.direction;
  result.round = call.command.round;
  result.attempt = call.command.attempt;
  return result;
}

core::Outcome ToOutcome(saga::v1::Outcome outcome) {
  switch (outcome) {
    case saga::v1::OUTCOME_SUCCEEDED:
      return core::Outcome::kSucceeded;
    case saga::v1::OUTCOME_REFUSED:
      return core::Outcome::kRefused;
    case saga::v1::OUTCOME_NOT_FOUND:
      return core::Outcome::kNotFound;
    case saga::v1::OUTCOME_INVALID:
      return core::Outcome::kInvalid;
    default:
      return core::Outcome::kUnknown;
  }
}

}  // namespace

CallResult ResultOf(const CallRequest& call, saga::v1::CommandResult& answer) {
  CallResult result = Identify(call);
  result.outcome = ToOutcome(answer.outcome());
  result.reason = std::move(*answer.mutable_reason());
  result.message = std::move(*answer.mutable_message());
  if (answer.has_result()) result.result.reset(answer.release_result());
  if (answer.outcome() == saga::v1::OUTCOME_IN_PROGRESS) {
    result.reason = "DEADLINE_EXCEEDED";
    result.message = "the participant was still busy at the attempt's deadline";
  }
  return result;
}

CallResult UnknownResult(const CallRequest& call, const absl::Status& error) {
  CallResult result = Identify(call);
  result.outcome = core::Outcome::kUnknown;
  result.reason = absl::StatusCodeToString(error.code());
  // The cut may split a character, which no stored history could hold.
  result.message = ValidUtf8(View(error.message()).substr(0, kMessageMax));
  return result;
}

CallResult NotSentResult(const CallRequest& call, std::string_view participant) {
  CallResult result = Identify(call);
  result.outcome = core::Outcome::kUnknown;
  result.reason = kParticipantNotTaken;
  result.message = Cat("not sent: ", participant, " has not let this orchestrator command it yet");
  return result;
}

}  // namespace seatsaga::participants
