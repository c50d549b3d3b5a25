#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include "absl/status/status.h"

// Between our values and gRPC's: absl::Status (with google.rpc details as payloads), and messages
// as bytes. Only for common/rpc.
namespace seatsaga {

grpc::Status ToGrpc(const absl::Status& status);
grpc::ByteBuffer ToGrpc(const google::protobuf::Message& message);
absl::Status FromGrpc(const grpc::Status& status);
// False if the bytes are not such a message.
bool FromGrpc(grpc::ByteBuffer& bytes, google::protobuf::Message& message);

}  // namespace seatsaga
