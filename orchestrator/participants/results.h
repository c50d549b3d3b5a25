#pragma once

#include "absl/status/status.h"
#include "orchestrator/participants/participants.h"
#include "seatsaga/saga/v1/saga.pb.h"

// What a participant's answer, or the lack of one, means for the saga. Pure; thread-safe.
namespace seatsaga::participants {

// IN_PROGRESS is unknown here: the caller asks again while the attempt's deadline allows.
CallResult ResultOf(const CallRequest& call, const saga::v1::CommandResult& answer);

// A gRPC error never says what became of the command: the outcome is unknown.
CallResult UnknownResult(const CallRequest& call, const absl::Status& error);

}  // namespace seatsaga::participants
