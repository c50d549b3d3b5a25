#include "orchestrator/participants/results.h"

#include <string>

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

CallResult ResultOf(const CallRequest& call, const saga::v1::CommandResult& answer) {
  CallResult result = Identify(call);
  result.outcome = ToOutcome(answer.outcome());
  result.reason = answer.reason();
  result.message = answer.message();
  result.amount_minor = answer.amount().amount_minor();
  result.currency = answer.amount().currency();
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

}  // namespace seatsaga::participants
