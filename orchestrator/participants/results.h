#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "orchestrator/participants/call.h"
#include "seatsaga/saga/v1/saga.pb.h"

// What a participant's answer, or the lack of one, means for the saga. Pure; thread-safe.
namespace seatsaga::participants {

// Takes the answer's result. IN_PROGRESS is unknown here: the caller sends it again while the
// attempt's deadline allows.
CallResult ResultOf(const CallRequest& call, saga::v1::CommandResult& answer);

// A gRPC error never says what became of the command: the outcome is unknown.
CallResult UnknownResult(const CallRequest& call, const absl::Status& error);

// The attempt was never sent, as its participant was not to be commanded all the while.
inline constexpr std::string_view kParticipantNotTaken = "PARTICIPANT_NOT_TAKEN";
CallResult NotSentResult(const CallRequest& call, std::string_view participant);

}  // namespace seatsaga::participants
