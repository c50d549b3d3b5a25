#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

// Between absl::Status (with google.rpc details as payloads) and gRPC's status. Only for
// common/rpc.
namespace seatsaga {

grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace seatsaga
