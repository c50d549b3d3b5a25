#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/rpc/io_thread.h"
#include "orchestrator/participants/batch_client.h"
#include "orchestrator/participants/participants.h"

namespace seatsaga::participants {

struct Targets {
  std::string seats;  // "host:port" or "unix:/path"
  std::string payments;
  std::string reservations;
};

// The three participants over gRPC.
std::unique_ptr<Participants> ConnectParticipants(IoThread& io, const Targets& targets,
                                                  uint64_t fencing_token, ResultSink sink);

}  // namespace seatsaga::participants
