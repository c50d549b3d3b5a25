#pragma once

#include <google/protobuf/message.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/rpc/client.h"
#include "common/rpc/io_thread.h"
#include "sagactl/options.h"

namespace seatsaga::cli {

// The four services, connected to when first called. Not thread-safe.
class Services {
 public:
  // `options` must outlive this object.
  explicit Services(const GlobalOptions& options);
  ~Services();

  // Calls `method` ("GetSaga") of the service's public API and waits, at most for the deadline. An
  // error carries which service it came from (ServiceOf).
  template <class Response>
  absl::StatusOr<Response> Call(Service service, std::string_view method,
                                const google::protobuf::Message& request) {
    auto answer = Channel(service).CallAndWait<Response>(FullMethod(service, method), request,
                                                         options_.deadline);
    if (!answer.ok()) return Tagged(answer.status(), service);
    return answer;
  }

 private:
  RpcChannel& Channel(Service service);
  static std::string FullMethod(Service service, std::string_view method);
  static absl::Status Tagged(absl::Status status, Service service);

  const GlobalOptions& options_;
  IoThread io_;
  bool started_ = false;
  std::array<std::unique_ptr<RpcChannel>, kServiceCount> channels_;
};

// Which service answered with this error, or did not answer; false if none was asked.
bool ServiceOf(const absl::Status& status, Service& service);

}  // namespace seatsaga::cli
