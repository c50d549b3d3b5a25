#include "common/rpc/health.h"

#include "common/rpc/convert.h"

namespace seatsaga {
namespace {

grpc::ByteBuffer Message(HealthService::Response::ServingStatus status) {
  HealthService::Response response;
  response.set_status(status);
  return ToGrpc(response);
}

}  // namespace

void HealthService::SetServing(bool serving) {
  const std::lock_guard lock(mutex_);
  const auto status = serving ? Response::SERVING : Response::NOT_SERVING;
  if (status == status_) return;
  status_ = status;
  for (const auto& [stream, known] : watchers_) {
    if (known) stream->Write(Message(status_));
  }
}

void HealthService::Check(const Request& request, Reply<Response> reply) {
  if (!Known(request.service())) {
    reply.Send(absl::NotFoundError("no such service on this server"));
    return;
  }
  Response response;
  {
    const std::lock_guard lock(mutex_);
    response.set_status(status_);
  }
  reply.Send(std::move(response));
}

void HealthService::OnMessage(Stream& stream, grpc::ByteBuffer& message) {
  Request request;
  if (!FromGrpc(message, request)) {
    stream.Finish({grpc::StatusCode::INVALID_ARGUMENT, "not a HealthCheckRequest"});
    return;
  }
  const std::lock_guard lock(mutex_);
  const bool known = Known(request.service());
  if (!watchers_.emplace(&stream, known).second) return;  // one question a stream
  stream.Write(Message(known ? status_ : Response::SERVICE_UNKNOWN));
}

// A watch goes on until its client cancels it.
void HealthService::OnHalfClose(Stream& /*stream*/) {}

void HealthService::OnEnd(Stream& stream) {
  const std::lock_guard lock(mutex_);
  watchers_.erase(&stream);
}

}  // namespace seatsaga
