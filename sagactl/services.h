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

// The four services. Connects to each when it is first called. Not thread-safe.
class Services {
 public:
  // `options` must outlive this object.
  explicit Services(const GlobalOptions& options);
  ~Services();

  // Calls the method that takes `request` and waits, at most for the deadline. An error says
  // which service it came from (ServiceOf).
  template <class Request>
  absl::StatusOr<api::ResponseOf<Request>> Call(const Request& request) {
    constexpr Service kService = ServiceFor<Request>();
    auto answer = CallAndWait(ChannelTo(kService), Plain(api::kMethodOf<Request>), request,
                              options_.deadline);
    if (!answer.ok()) return Tagged(answer.status(), kService);
    return answer;
  }

 private:
  Channel& ChannelTo(Service service);
  static absl::Status Tagged(absl::Status status, Service service);

  const GlobalOptions& options_;
  IoThread io_;
  bool started_ = false;
  std::array<std::unique_ptr<RpcChannel>, kServiceCount> channels_;
};

// Which service answered with this error, or did not answer; false if none was called.
bool ServiceOf(const absl::Status& status, Service& service);

}  // namespace seatsaga::cli
