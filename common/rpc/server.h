#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/reply.h"
#include "common/rpc/io_thread.h"

// gRPC unary methods over one completion queue, without generated service code: a method is its
// full name and a handler. This header needs no gRPC header, so the code behind it builds fast.
namespace seatsaga {

// One call in progress. Freed when it has been answered and the answer was sent.
class ServerCall {
 public:
  virtual ~ServerCall() = default;
  virtual bool ParseRequest(google::protobuf::Message& request) = 0;
  // Exactly one of these, once, from any thread.
  virtual void Finish(const google::protobuf::Message& response) = 0;
  virtual void Fail(const absl::Status& status) = 0;
  // When the caller stops waiting.
  virtual absl::Time deadline() const = 0;
};

struct RpcServerOptions {
  // "host:port" (port 0 lets the system choose) or "unix:/path".
  std::string listen;
  // A larger request is refused with MESSAGE_TOO_LARGE.
  size_t request_bytes_max = 1 << 20;
};

class RpcServer {
 public:
  explicit RpcServer(RpcServerOptions options);
  ~RpcServer();

  // Serves `method`, "seatsaga.seat.v1.SeatService/GetEvent"; it must exist in a linked .proto. The
  // handler runs on the I/O thread: it may only check, enqueue and return. `Response` is a message,
  // or one OnArena (common/on_arena.h). Call before Start.
  template <class Request, class Response>
  void Handle(
      std::string_view method,
      std::function<void(Request& request, Reply<Response> reply, absl::Time deadline)> handler) {
    HandleRaw(method, [handler = std::move(handler)](ServerCall* call) {
      Request request;
      if (!call->ParseRequest(request)) return;
      const absl::Time deadline = call->deadline();
      handler(request, Reply<Response>([call](absl::StatusOr<Response> answer) {
                if (answer.ok()) {
                  call->Finish(*answer);
                } else {
                  call->Fail(answer.status());
                }
              }),
              deadline);
    });
  }

  // Listens and serves; health says NOT_SERVING until SetServing(true). Unavailable, with what to
  // do, if the address cannot be used.
  absl::Status Start();
  // The port in use, once started; 0 for a Unix socket.
  int port() const;
  // What the health service answers, for the server and each of its services. Any thread.
  void SetServing(bool serving);
  // Refuses new calls, waits for those in progress until `deadline`, then cancels them. Call before
  // the objects that handlers use are destroyed. Replies may outlive it: they then go nowhere.
  // Idempotent.
  void Shutdown(absl::Time deadline);

  // For the process' outgoing calls (RpcChannel). Runs from Start until Shutdown.
  IoThread& io();

 private:
  using RawHandler = std::function<void(ServerCall*)>;
  void HandleRaw(std::string_view method, RawHandler handler);
  void AddStandardServices();

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace seatsaga
