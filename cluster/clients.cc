#include "cluster/clients.h"

#include "common/text.h"
#include "common/wire/health.h"

namespace seatsaga::cluster {

const char* ProgramOf(Service service) {
  switch (service) {
    case Service::kReservation:
      return "reservation_svc";
    case Service::kSeat:
      return "seat_svc";
    case Service::kPayment:
      return "payment_svc";
    case Service::kOrchestrator:
      return "orchestrator";
  }
  return "";
}

Clients::Clients(int port_base) {
  io_.Start();
  for (size_t i = 0; i < channels_.size(); ++i) {
    channels_[i] = std::make_unique<RpcChannel>(io_, Cat("127.0.0.1:", port_base + i));
  }
}

Clients::~Clients() {
  for (auto& channel : channels_) channel.reset();
  io_.Stop();
}

absl::StatusOr<bool> Clients::Serving(Service service, std::string_view name) {
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(std::string(name));
  const auto answer = CallAndWait(ChannelTo(service), kHealthCheck, request, kDeadline);
  if (!answer.ok()) return answer.status();
  return answer->status() == grpc::health::v1::HealthCheckResponse::SERVING;
}

}  // namespace seatsaga::cluster
