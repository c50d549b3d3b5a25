#pragma once

#include "absl/status/status.h"
#include "bench/halls.h"
#include "common/rpc/client.h"

namespace seatsaga::bench {

// Creates the events of `halls` at seat_svc, one call each. Apart from Halls, so that what needs no
// network links none. Thread-safe.
absl::Status CreateHalls(const Halls& halls, RpcChannel& seat_svc);

}  // namespace seatsaga::bench
