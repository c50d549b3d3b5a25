#pragma once

#include <google/protobuf/message.h>
#include <grpc/support/time.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "common/clock.h"

// Between our values and gRPC's: absl::Status (with google.rpc details as payloads), messages
// as bytes, and moments: Mono and gRPC's monotonic clock are both the system's. Only for
// common/rpc.
namespace seatsaga {

grpc::Status ToGrpc(const absl::Status& status);
grpc::ByteBuffer ToGrpc(const google::protobuf::Message& message);
absl::Status FromGrpc(const grpc::Status& status);
// False if the bytes are not such a message.
bool FromGrpc(grpc::ByteBuffer& bytes, google::protobuf::Message& message);
gpr_timespec ToGrpc(Mono moment);
Mono FromGrpc(gpr_timespec moment);

}  // namespace seatsaga
