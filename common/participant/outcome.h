#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "seatsaga/saga/v1/saga.pb.h"

// Short ways to make the answers of a participant. Pure; thread-safe.
namespace seatsaga {

using saga::v1::CommandResult;

inline CommandResult Succeeded() {
  CommandResult result;
  result.set_outcome(saga::v1::OUTCOME_SUCCEEDED);
  return result;
}

inline CommandResult Succeeded(int64_t amount_minor, std::string_view currency) {
  CommandResult result = Succeeded();
  result.mutable_result()->mutable_amount()->set_amount_minor(amount_minor);
  result.mutable_result()->mutable_amount()->set_currency(std::string(currency));
  return result;
}

inline CommandResult WithReason(saga::v1::Outcome outcome, std::string_view reason,
                                std::string_view message) {
  CommandResult result;
  result.set_outcome(outcome);
  result.set_reason(std::string(reason));
  result.set_message(std::string(message));
  return result;
}

inline CommandResult Refused(std::string_view reason, std::string_view message) {
  return WithReason(saga::v1::OUTCOME_REFUSED, reason, message);
}

inline CommandResult Invalid(std::string_view reason, std::string_view message) {
  return WithReason(saga::v1::OUTCOME_INVALID, reason, message);
}

inline CommandResult InProgress() {
  CommandResult result;
  result.set_outcome(saga::v1::OUTCOME_IN_PROGRESS);
  return result;
}

}  // namespace seatsaga
