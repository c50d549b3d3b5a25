#include "common/rpc/health.h"

#include <utility>

namespace seatsaga {
namespace {

HealthService::Response Message(HealthService::Response::ServingStatus status) {
  HealthService::Response response;
  response.set_status(status);
  return response;
}

}  // namespace

void HealthService::SetServing(bool serving) {
  const std::lock_guard lock(mutex_);
  const auto status = serving ? Response::SERVING : Response::NOT_SERVING;
  if (status == status_) return;
  status_ = status;
  for (Watcher& watcher : watchers_) {
    if (watcher.known) watcher.stream.Write(Message(status_));
  }
}

void HealthService::Check(const Request& request, Reply<Response> reply) {
  if (!Known(request.service())) {
    reply.Send(absl::NotFoundError("no such service on this server"));
    return;
  }
  const std::lock_guard lock(mutex_);
  reply.Send(Message(status_));
}

void HealthService::Watch(const Request& request, StreamOf<Response> stream) {
  const std::lock_guard lock(mutex_);
  std::erase_if(watchers_, [](const Watcher& watcher) { return !watcher.stream.open(); });
  const bool known = Known(request.service());
  stream.Write(Message(known ? status_ : Response::SERVICE_UNKNOWN));
  watchers_.push_back({std::move(stream), known});
}

}  // namespace seatsaga
