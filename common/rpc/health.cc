#include "common/rpc/health.h"

#include <grpcpp/server_context.h>

#include <chrono>

namespace seatsaga {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

namespace {

// How soon a watch notices that its client has gone.
constexpr std::chrono::seconds kCancelCheck{1};

}  // namespace

void HealthService::AddService(const std::string& name) {
  const std::lock_guard lock(mutex_);
  services_.insert(name);
}

void HealthService::SetServing(bool serving) {
  {
    const std::lock_guard lock(mutex_);
    status_ = serving ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
  }
  changed_.notify_all();
}

void HealthService::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
}

grpc::Status HealthService::Check(grpc::ServerContext* /*context*/,
                                  const HealthCheckRequest* request,
                                  HealthCheckResponse* response) {
  const std::lock_guard lock(mutex_);
  if (!Known(request->service())) {
    return {grpc::StatusCode::NOT_FOUND, "no such service on this server"};
  }
  response->set_status(status_);
  return grpc::Status::OK;
}

grpc::Status HealthService::Watch(grpc::ServerContext* context, const HealthCheckRequest* request,
                                  grpc::ServerWriter<HealthCheckResponse>* writer) {
  std::unique_lock lock(mutex_);
  if (watchers_ >= kWatchersMax) {
    return {grpc::StatusCode::RESOURCE_EXHAUSTED, "too many health watches; use Check"};
  }
  ++watchers_;
  HealthCheckResponse sent;
  while (!stopped_ && !context->IsCancelled()) {
    const Status now = Known(request->service()) ? status_ : HealthCheckResponse::SERVICE_UNKNOWN;
    if (now != sent.status()) {
      sent.set_status(now);
      lock.unlock();
      const bool written = writer->Write(sent);
      lock.lock();
      if (!written) break;
      continue;
    }
    changed_.wait_for(lock, kCancelCheck);
  }
  --watchers_;
  return stopped_ ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "shutting down")
                  : grpc::Status::CANCELLED;
}

}  // namespace seatsaga
