#pragma once

#include "absl/status/status.h"
#include "bench/halls.h"
#include "common/rpc/client.h"

namespace seatsaga::bench {

// Creates the events of `halls` at seat_svc, with one call per event. Not part of Halls, so that
// Halls can be linked without a network. Thread-safe.
absl::Status CreateHalls(const Halls& halls, RpcChannel& seat_svc);

}  // namespace seatsaga::bench
