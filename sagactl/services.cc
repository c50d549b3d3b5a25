#include "sagactl/services.h"

#include <utility>

#include "absl/strings/cord.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/text.h"

namespace seatsaga::cli {
namespace {

constexpr std::string_view kServicePayload = "sagactl/service";

}  // namespace

Services::Services(const GlobalOptions& options) : options_(options) {}

Services::~Services() {
  for (auto& channel : channels_) channel.reset();
  if (started_) io_.Stop();
}

Channel& Services::ChannelTo(Service service) {
  if (!started_) {
    io_.Start();
    started_ = true;
  }
  auto& channel = channels_[static_cast<size_t>(service)];
  if (!channel) channel = std::make_unique<RpcChannel>(io_, options_.Of(service).address);
  return *channel;
}

absl::Time Services::Now() const { return absl::Now(); }

absl::Status Services::CallRaw(Service service, const MethodInfo& method,
                               const google::protobuf::Message& request,
                               google::protobuf::Message* response) {
  absl::Status ended;
  absl::Notification done;
  ChannelTo(service).CallRaw(method, request, options_.deadline, response,
                             [&](absl::Status status) {
                               ended = std::move(status);
                               done.Notify();
                             });
  done.WaitForNotification();
  return ended;
}

absl::Status ServiceCalls::Tagged(absl::Status status, Service service) {
  status.SetPayload(AbslView(kServicePayload),
                    absl::Cord(std::string(1, static_cast<char>('0' + static_cast<int>(service)))));
  return status;
}

bool ServiceOf(const absl::Status& status, Service& service) {
  const auto payload = status.GetPayload(AbslView(kServicePayload));
  if (!payload.has_value() || payload->size() != 1) return false;
  service = static_cast<Service>((*payload)[0] - '0');
  return true;
}

}  // namespace seatsaga::cli
