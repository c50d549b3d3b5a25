#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bench/halls.h"
#include "common/rpc/client.h"

// Holds that nobody pays for.
namespace seatsaga::bench {

// The halls for that many holds.
Halls HallsForHolds(const std::string& event_prefix, int count);

// Holds that many seats of `halls`, which are created first, until `expire_time`. Fails unless all
// are HELD before it.
absl::Status MakeHolds(RpcChannel& reservation_svc, RpcChannel& seat_svc, const Halls& halls,
                       int count, absl::Time expire_time);

// Waits until all of them have been cancelled because they expired, and returns when the last one
// was. Fails if one ended otherwise.
absl::StatusOr<absl::Time> AwaitExpired(RpcChannel& reservation_svc, const Halls& halls, int count,
                                        absl::Duration within);

}  // namespace seatsaga::bench
