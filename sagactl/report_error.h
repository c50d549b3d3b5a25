#pragma once

#include <string>

#include "absl/status/status.h"
#include "sagactl/options.h"

// Errors for people. Pure; thread-safe.
namespace seatsaga::cli {

// What went wrong, the reason of its ErrorInfo, and what to do next; lines that end in '\n'.
std::string ErrorText(const absl::Status& status, const GlobalOptions& options);

// kExitRpcBase + code if a service was called, otherwise kExitFailure.
int ExitCodeOf(const absl::Status& status);

// Whether the same call may succeed soon, without anybody doing anything.
bool IsPassing(const absl::Status& status);

}  // namespace seatsaga::cli
