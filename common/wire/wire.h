#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock.h"
#include "common/reply.h"
#include "common/wire/method.h"

// The wire seam: how a service is called and calls others. One wire is gRPC (common/rpc), another
// is in memory (tests/world).
namespace seatsaga {

// What a handler may know about its call besides the request. Valid while the handler runs.
class CallContext {
 public:
  virtual ~CallContext() = default;
  virtual Mono arrival() const = 0;
  // When the caller stops waiting.
  virtual Mono deadline() const = 0;
  // Where the call comes from, as the wire names it.
  virtual std::string peer() const = 0;
  // Metadata of the call; empty if there is none of this name ("traceparent").
  virtual std::string metadata(std::string_view name) const = 0;
};

// One unary call in progress. Freed once its answer was sent.
class ServerCall : public CallContext {
 public:
  // Returns false and answers the call if the bytes are not such a message or break a rule of the
  // wire.
  virtual bool ParseRequest(google::protobuf::Message& request) = 0;
  // Exactly one of these, once, from any thread.
  virtual void Finish(const google::protobuf::Message& response) = 0;
  virtual void Fail(const absl::Status& status) = 0;
};

// The answering side of one streaming call. Thread-safe.
class ServerStream {
 public:
  // Messages that may wait for a client that does not read them, and their bytes.
  static constexpr int kUnsentMax = 1024;
  static constexpr size_t kUnsentBytesMax = 8 << 20;

  virtual ~ServerStream() = default;
  // False once the stream is over: the client has gone, the server drains, or the client reads so
  // slowly that too many messages are unsent, which ends the stream with RESOURCE_EXHAUSTED.
  virtual bool Write(const google::protobuf::Message& message) = 0;
  // Ends the stream after the messages that were written. Idempotent.
  virtual void Finish(const absl::Status& status) = 0;
  // Whether messages may still be written. Lets a list of streams drop those that ended.
  virtual bool open() const = 0;
  // Calls `then` once when fewer than `unsent` messages (at least 1) wait for the client, or the
  // stream is over: at once, or on the thread that sends. For a writer that keeps to the client's
  // speed. A second call takes the place of a first that still waits, which is then dropped.
  virtual void WhenUnsentBelow(int unsent, absl::AnyInvocable<void() &&> then) = 0;
};
// The error that ends a stream whose client does not read. RESOURCE_EXHAUSTED, with what to do.
absl::Status SlowReaderError();

// A handle. Copies refer to the same stream. When the last one is destroyed, the stream ends with
// UNAVAILABLE, unless it was finished before.
template <class Response>
class StreamOf {
 public:
  explicit StreamOf(std::shared_ptr<ServerStream> stream) : stream_(std::move(stream)) {}
  bool Write(const Response& message) { return stream_->Write(message); }
  void Finish(const absl::Status& status) { stream_->Finish(status); }
  bool open() const { return stream_->open(); }
  void WhenUnsentBelow(int unsent, absl::AnyInvocable<void() &&> then) {
    stream_->WhenUnsentBelow(unsent, std::move(then));
  }

 private:
  std::shared_ptr<ServerStream> stream_;
};

// A connection to one server. Thread-safe. Reconnects by itself.
class Channel {
 public:
  virtual ~Channel() = default;

  // `done` runs on the executor, exactly once, and must not block. `deadline` counts from now.
  template <class Request, class Response>
  void Call(const Method<Request, Response>& method, const std::type_identity_t<Request>& request,
            absl::Duration deadline,
            absl::AnyInvocable<void(absl::StatusOr<std::type_identity_t<Response>>) &&> done) {
    auto response = std::make_unique<Response>();
    google::protobuf::Message& out = *response;
    CallRaw(method.info(), request, deadline, &out,
            [response = std::move(response), done = std::move(done)](absl::Status status) mutable {
              if (status.ok()) {
                std::move(done)(std::move(*response));
              } else {
                std::move(done)(std::move(status));
              }
            });
  }

  virtual void CallRaw(const MethodInfo& method, const google::protobuf::Message& request,
                       absl::Duration deadline, google::protobuf::Message* response,
                       absl::AnyInvocable<void(absl::Status) &&> done) = 0;
};

class Wire {
 public:
  using RawHandler = std::function<void(ServerCall*)>;
  // `prepare` has parsed the request; the stream lives as long as anything holds it.
  using RawStreamHandler = std::function<void(const google::protobuf::Message& request,
                                              const CallContext&, std::shared_ptr<ServerStream>)>;

  virtual ~Wire() = default;

  // Serves `method`. The handler runs on the executor: it may only check, enqueue and return.
  // `handler(request, context, reply)`, or of a stream `handler(request, context, stream)`. Before
  // Start.
  template <class Request, class Response, class Handler>
  void Serve(const Method<Request, Response>& method, Handler handler) {
    ServeRaw(method.info(), UnaryHandler(method, std::move(handler)));
  }
  template <class Request, class Response, class Handler>
  void Serve(const StreamingMethod<Request, Response>& method, Handler handler) {
    ServeRawStream(method.info(), Request::default_instance(),
                   StreamHandlerOf(method, std::move(handler)));
  }

  // A connection to another server; `target` as the world names them ("host:port").
  virtual std::unique_ptr<Channel> Connect(const std::string& target) = 0;

  // A typed handler as a raw one.
  template <class Request, class Response, class Handler>
  static RawHandler UnaryHandler(const Method<Request, Response>& /*method*/, Handler handler) {
    return [handler = std::move(handler)](ServerCall* call) {
      Request request;
      if (!call->ParseRequest(request)) return;
      handler(request, static_cast<const CallContext&>(*call),
              Reply<Response>([call](absl::StatusOr<Response> answer) {
                if (answer.ok()) {
                  call->Finish(*answer);
                } else {
                  call->Fail(answer.status());
                }
              }));
    };
  }
  template <class Request, class Response, class Handler>
  static RawStreamHandler StreamHandlerOf(const StreamingMethod<Request, Response>& /*method*/,
                                          Handler handler) {
    return [handler = std::move(handler)](const google::protobuf::Message& request,
                                          const CallContext& context,
                                          std::shared_ptr<ServerStream> stream) {
      handler(static_cast<const Request&>(request), context, StreamOf<Response>(std::move(stream)));
    };
  }

  virtual void ServeRaw(const MethodInfo& method, RawHandler handler) = 0;
  virtual void ServeRawStream(const MethodInfo& method, const google::protobuf::Message& prototype,
                              RawStreamHandler handler) = 0;

  // Serves from now on. Health says NOT_SERVING until SetServing(true).
  virtual absl::Status Start() = 0;
  virtual void SetServing(bool serving) = 0;
  // Refuses new calls, waits at most `drain` for those in progress, then cancels them. Replies may
  // outlive this, and are then dropped. Idempotent.
  virtual void Shutdown(absl::Duration drain) = 0;
};

}  // namespace seatsaga
