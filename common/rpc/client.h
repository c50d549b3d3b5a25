#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "common/rpc/io_thread.h"
#include "common/wire/wire.h"

namespace seatsaga {

// A gRPC channel. Reconnects with a short backoff, since services restart while sagas wait.
class RpcChannel final : public Channel {
 public:
  // `io` must be running while calls are made, and outlive them. `target` is "host:port" or
  // "unix:/path".
  RpcChannel(IoThread& io, const std::string& target);
  ~RpcChannel() override;

  void CallRaw(const MethodInfo& method, const google::protobuf::Message& request,
               absl::Duration deadline, google::protobuf::Message* response,
               absl::AnyInvocable<void(absl::Status) &&> done) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Calls and waits for the answer: for command-line programs and tests. Not on the I/O thread.
template <class Request, class Response>
absl::StatusOr<Response> CallAndWait(Channel& channel, const Method<Request, Response>& method,
                                     const std::type_identity_t<Request>& request,
                                     absl::Duration deadline) {
  absl::StatusOr<Response> answer;
  absl::Notification done;
  channel.Call(method, request, deadline, [&](absl::StatusOr<Response> got) {
    answer = std::move(got);
    done.Notify();
  });
  done.WaitForNotification();
  return answer;
}

// A connection to one server with an I/O thread of its own, for programs that only call.
// Thread-safe.
class RpcClient {
 public:
  explicit RpcClient(const std::string& target) : channel_(io_, target) { io_.Start(); }

  template <class Request, class Response>
  absl::StatusOr<Response> Call(const Method<Request, Response>& method,
                                const std::type_identity_t<Request>& request,
                                absl::Duration deadline) {
    return CallAndWait(channel_, method, request, deadline);
  }
  Channel& channel() { return channel_; }

 private:
  IoThread io_;  // stops when it is destroyed, which is after the channel
  RpcChannel channel_;
};

}  // namespace seatsaga
