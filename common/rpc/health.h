#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>

#include "grpc/health/v1/health.grpc.pb.h"

namespace seatsaga {

// grpc.health.v1 for the whole server and each of its services, which all share one state. Our own,
// for the built-in one runs on the callback API, whose pollers would take part of every other
// call's I/O. Thread-safe.
class HealthService final : public grpc::health::v1::Health::Service {
 public:
  static constexpr int kWatchersMax = 8;  // each holds a thread of gRPC's pool

  void AddService(const std::string& name);
  void SetServing(bool serving);
  // Ends all watches, so that the server can shut down.
  void Stop();

  grpc::Status Check(grpc::ServerContext* context,
                     const grpc::health::v1::HealthCheckRequest* request,
                     grpc::health::v1::HealthCheckResponse* response) override;
  grpc::Status Watch(grpc::ServerContext* context,
                     const grpc::health::v1::HealthCheckRequest* request,
                     grpc::ServerWriter<grpc::health::v1::HealthCheckResponse>* writer) override;

 private:
  using Status = grpc::health::v1::HealthCheckResponse::ServingStatus;
  bool Known(const std::string& name) const { return name.empty() || services_.contains(name); }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> services_;
  Status status_ = grpc::health::v1::HealthCheckResponse::NOT_SERVING;
  int watchers_ = 0;
  bool stopped_ = false;
};

}  // namespace seatsaga
