#pragma once

#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "common/process/flags.h"
#include "common/rpc/server.h"

namespace seatsaga {

// What a server's main does between wiring and exit: start, say so, wait for SIGTERM, drain, stop.
struct ServeSteps {
  // Starts loops and lanes, once the server listens but before health says SERVING.
  absl::AnyInvocable<absl::Status()> start;
  // Finishes what is queued and stops loops and lanes. After this nothing may touch the server.
  absl::AnyInvocable<void()> stop;
};

// Returns the process' exit status: 0 after a clean drain, 1 after an error (logged in one line).
int Serve(const std::string& name, const ServerFlags& flags, RpcServer& server, ServeSteps steps);

// Logs an error of start-up in one line and returns 1, for main to return.
int ExitWithError(const absl::Status& status);

}  // namespace seatsaga
