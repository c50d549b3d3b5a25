#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/in_process/wire.h"
#include "orchestrator/participants/participants.h"

namespace seatsaga::bench {

// A participant's batch method: bytes in, and bytes out some time later.
using WireMethod = std::function<void(std::string request, WireSink answer)>;

struct WireMethods {
  WireMethod seats;
  WireMethod payments;
  WireMethod reservations;
};

// The three participants, called as the orchestrator calls them but for gRPC and its limits on
// calls in flight: everything that one batch wants of one participant travels together. One thread.
class WireParticipants final : public participants::Participants {
 public:
  using Results = std::vector<participants::CallResult>;

  WireParticipants(WireMethods methods, std::function<void(Results)> sink)
      : methods_(std::move(methods)), sink_(std::move(sink)) {}

  void Send(std::vector<participants::CallRequest> requests) override;

 private:
  template <class Batch>
  void SendTo(const WireMethod& method, std::vector<participants::CallRequest> calls);

  const WireMethods methods_;
  const std::function<void(Results)> sink_;
};

}  // namespace seatsaga::bench
