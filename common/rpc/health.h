#pragma once

#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "common/wire/health.h"
#include "common/wire/wire.h"

namespace seatsaga {

// grpc.health.v1 for the whole server and each of its services, which all share one state. Our own,
// on the process' one completion queue: gRPC's runs on threads of its own, and every thread that
// polls takes part of the other calls' events away from the I/O thread, which must then be woken.
// Thread-safe.
class HealthService {
 public:
  using Request = grpc::health::v1::HealthCheckRequest;
  using Response = grpc::health::v1::HealthCheckResponse;

  static constexpr int kWatchersMax = 64;

  // Before the server starts.
  void AddService(const std::string& name) { services_.insert(name); }
  void SetServing(bool serving);

  void Check(const Request& request, Reply<Response> reply);
  // The stream goes on until its client cancels it.
  void Watch(const Request& request, StreamOf<Response> stream);

 private:
  struct Watcher {
    StreamOf<Response> stream;
    bool known;  // it watches a service that is here
  };

  bool Known(const std::string& name) const { return name.empty() || services_.contains(name); }

  std::set<std::string> services_;
  std::mutex mutex_;
  Response::ServingStatus status_ = Response::NOT_SERVING;
  std::vector<Watcher> watchers_;
};

}  // namespace seatsaga
