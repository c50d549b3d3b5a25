#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "common/rpc/io_thread.h"

namespace seatsaga {

// A connection to one server. Every call has a deadline. Thread-safe. Reconnects by itself, with a
// short backoff, for the services restart while sagas wait.
class RpcChannel {
 public:
  // `io` must be running while calls are made, and outlive them. `target` is "host:port" or
  // "unix:/path".
  RpcChannel(IoThread& io, const std::string& target);
  ~RpcChannel();

  // Calls `method`, "seatsaga.seat.v1.SeatService/GetEvent"; `done` runs on the I/O thread, exactly
  // once, and must not block. `Response` is a message, or one OnArena (common/on_arena.h).
  template <class Response>
  void Call(std::string_view method, const google::protobuf::Message& request,
            absl::Duration deadline, absl::AnyInvocable<void(absl::StatusOr<Response>) &&> done) {
    auto response = std::make_unique<Response>();
    google::protobuf::Message& out = *response;
    CallRaw(method, request, deadline, &out,
            [response = std::move(response), done = std::move(done)](absl::Status status) mutable {
              if (status.ok()) {
                std::move(done)(std::move(*response));
              } else {
                std::move(done)(std::move(status));
              }
            });
  }

  // The same, waiting for the answer: for command-line tools and tests.
  template <class Response>
  absl::StatusOr<Response> CallAndWait(std::string_view method,
                                       const google::protobuf::Message& request,
                                       absl::Duration deadline) {
    absl::StatusOr<Response> answer;
    absl::Notification done;
    Call<Response>(method, request, deadline, [&](absl::StatusOr<Response> got) {
      answer = std::move(got);
      done.Notify();
    });
    done.WaitForNotification();
    return answer;
  }

 private:
  void CallRaw(std::string_view method, const google::protobuf::Message& request,
               absl::Duration deadline, google::protobuf::Message* response,
               absl::AnyInvocable<void(absl::Status) &&> done);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace seatsaga
