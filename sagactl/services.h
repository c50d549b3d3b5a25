#pragma once

#include <array>
#include <memory>

#include "absl/status/statusor.h"
#include "api/methods.h"
#include "common/rpc/client.h"
#include "common/rpc/io_thread.h"
#include "sagactl/options.h"

namespace seatsaga::cli {

// Which service takes a `Request`.
template <class Request>
constexpr Service ServiceFor() {
  if (api::Has<Request>(orchestrator::kMethods)) return Service::kOrchestrator;
  if (api::Has<Request>(reservation::kMethods)) return Service::kReservations;
  if (api::Has<Request>(seat::kMethods)) return Service::kSeats;
  static_assert(api::kIsRequest<Request> && !api::Has<Request>(saga::kMethods));
  return Service::kPayments;
}

// Calls to the four services, one at a time. Not thread-safe.
class ServiceCalls {
 public:
  virtual ~ServiceCalls() = default;

  // Calls the method that takes `request` and waits for its answer. An error says which service it
  // came from (ServiceOf).
  template <class Request>
  absl::StatusOr<api::ResponseOf<Request>> Call(const Request& request) {
    constexpr Service kService = ServiceFor<Request>();
    api::ResponseOf<Request> response;
    absl::Status status =
        CallRaw(kService, Plain(api::kMethodOf<Request>).info(), request, &response);
    if (!status.ok()) return Tagged(std::move(status), kService);
    return response;
  }
  virtual absl::Time Now() const = 0;

 protected:
  virtual absl::Status CallRaw(Service service, const MethodInfo& method,
                               const google::protobuf::Message& request,
                               google::protobuf::Message* response) = 0;

 private:
  static absl::Status Tagged(absl::Status status, Service service);
};

// Over gRPC. Connects to each when it is first called.
class Services final : public ServiceCalls {
 public:
  // `options` must outlive this object.
  explicit Services(const GlobalOptions& options);
  ~Services() override;

  absl::Time Now() const override;

 private:
  absl::Status CallRaw(Service service, const MethodInfo& method,
                       const google::protobuf::Message& request,
                       google::protobuf::Message* response) override;
  Channel& ChannelTo(Service service);

  const GlobalOptions& options_;
  IoThread io_;
  bool started_ = false;
  std::array<std::unique_ptr<RpcChannel>, kServiceCount> channels_;
};

// Which service answered with this error, or did not answer; false if none was called.
bool ServiceOf(const absl::Status& status, Service& service);

}  // namespace seatsaga::cli
