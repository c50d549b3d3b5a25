#include "common/rpc/request.h"

#include <grpc/grpc.h>
#include <grpc/support/alloc.h>

#include "common/errors.h"
#include "common/rpc/convert.h"
#include "common/text.h"

namespace seatsaga {

absl::Status ParseRequest(grpc::ByteBuffer& bytes, size_t bytes_max,
                          google::protobuf::Message& request) {
  if (bytes.Length() > bytes_max) {
    return MakeError(absl::StatusCode::kInvalidArgument, "MESSAGE_TOO_LARGE",
                     Cat("the request has ", bytes.Length(), " bytes; at most ", bytes_max,
                         " are allowed: split it"));
  }
  if (!FromGrpc(bytes, request)) {
    return MakeError(absl::StatusCode::kInvalidArgument, "MALFORMED_MESSAGE",
                     Cat("the request is not a valid ", request.GetTypeName(),
                         " (wrong wire format, or text that is not UTF-8)"));
  }
  bytes.Clear();
  return absl::OkStatus();
}

std::shared_ptr<ConnectionCounts> ConnectionOf(grpc::ServerContext& context, FrontDoor& door) {
  // As ServerContext::peer, without a copy.
  const std::unique_ptr<char, void (*)(void*)> peer(grpc_call_get_peer(context.c_call()), gpr_free);
  return door.Find(peer.get());
}

Mono RpcContext::deadline() const { return FromGrpc(context_.raw_deadline()); }

std::string RpcContext::metadata(std::string_view name) const {
  const auto& all = context_.client_metadata();
  const auto it = all.find(grpc::string_ref(name.data(), name.size()));
  return it == all.end() ? "" : std::string(it->second.data(), it->second.size());
}

}  // namespace seatsaga
