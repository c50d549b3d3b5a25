#pragma once

#include <cstddef>
#include <memory>
#include <unordered_map>
#include <utility>

#include "common/rpc/stream.h"
#include "common/wire/wire.h"

namespace seatsaga {

// A method of server streams: the client's first message is the request, and it sends no other.
// Only for common/rpc.
class TypedStreams final : public StreamHandler {
 public:
  TypedStreams(const google::protobuf::Message& prototype, size_t request_bytes_max,
               Wire::RawStreamHandler handler)
      : prototype_(prototype),
        request_bytes_max_(request_bytes_max),
        handler_(std::move(handler)) {}

  void OnMessage(Stream& stream, grpc::ByteBuffer& message) override;
  // It goes on until somebody ends it.
  void OnHalfClose(Stream& /*stream*/) override {}
  void OnEnd(Stream& stream) override;

 private:
  struct Link;
  class Handle;

  const google::protobuf::Message& prototype_;
  const size_t request_bytes_max_;
  const Wire::RawStreamHandler handler_;
  // I/O thread only.
  std::unordered_map<Stream*, std::shared_ptr<Link>> open_;
};

}  // namespace seatsaga
