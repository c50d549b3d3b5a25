#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "common/reply.h"
#include "common/rpc/stream.h"
#include "grpc/health/v1/health.pb.h"

namespace seatsaga {

// grpc.health.v1 for the whole server and each of its services, which all share one state. Our own,
// on the process' one completion queue: gRPC's runs on threads of its own, and every thread that
// polls takes part of the other calls' events away from the I/O thread, which must then be woken.
// Thread-safe.
class HealthService final : public StreamHandler {
 public:
  using Request = grpc::health::v1::HealthCheckRequest;
  using Response = grpc::health::v1::HealthCheckResponse;

  static constexpr int kWatchersMax = 64;

  // Before the server starts.
  void AddService(const std::string& name) { services_.insert(name); }
  void SetServing(bool serving);

  void Check(const Request& request, Reply<Response> reply);

  // Watch.
  void OnMessage(Stream& stream, grpc::ByteBuffer& message) override;
  void OnHalfClose(Stream& stream) override;
  void OnEnd(Stream& stream) override;

 private:
  bool Known(const std::string& name) const { return name.empty() || services_.contains(name); }

  std::set<std::string> services_;
  std::mutex mutex_;
  Response::ServingStatus status_ = Response::NOT_SERVING;
  std::map<Stream*, bool> watchers_;  // and whether they watch a service that is here
};

}  // namespace seatsaga
