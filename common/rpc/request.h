#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "common/rpc/front_door.h"
#include "common/wire/wire.h"

// What all calls that arrive have in common. Only for common/rpc.
namespace seatsaga {

// Parses a request. INVALID_ARGUMENT, MESSAGE_TOO_LARGE or MALFORMED_MESSAGE.
absl::Status ParseRequest(grpc::ByteBuffer& bytes, size_t bytes_max,
                          google::protobuf::Message& request);

// The counts of the connection that a call has come on. Null if it is not known.
std::shared_ptr<ConnectionCounts> ConnectionOf(grpc::ServerContext& context, FrontDoor& door);

// Looks up only what it is asked for: most handlers need nothing of it.
class RpcContext {
 public:
  explicit RpcContext(const grpc::ServerContext& context) : context_(context) {}

  // When it was first asked for: handlers run on arrival.
  Mono arrival() const {
    if (!arrival_.has_value()) arrival_ = SystemClock().Now();
    return *arrival_;
  }
  Mono deadline() const;
  std::string peer() const { return context_.peer(); }
  std::string metadata(std::string_view name) const;

 private:
  const grpc::ServerContext& context_;
  mutable std::optional<Mono> arrival_;
};

}  // namespace seatsaga
