#pragma once

#include <string>
#include <vector>

#include "common/rpc/stream.h"
#include "grpc/reflection/v1/reflection.pb.h"

namespace seatsaga {

// grpc.reflection.v1 (and v1alpha, whose messages are the same), from the linked descriptors. On
// the process' one completion queue, for the reason that health is. Thread-safe once the server
// has started.
class ReflectionService final : public StreamHandler {
 public:
  static constexpr int kStreamsMax = 64;

  // Before the server starts. Full name of a service that clients may list, if a linked .proto
  // defines it.
  void AddService(const std::string& name);

  grpc::reflection::v1::ServerReflectionResponse Answer(
      const grpc::reflection::v1::ServerReflectionRequest& request) const;

  void OnMessage(Stream& stream, grpc::ByteBuffer& message) override;
  void OnHalfClose(Stream& stream) override;
  void OnEnd(Stream& /*stream*/) override {}

 private:
  std::vector<std::string> services_;
};

}  // namespace seatsaga
