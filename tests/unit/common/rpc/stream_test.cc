// Streams that clients hold open, over real sockets.
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "api/orchestrator.h"
#include "common/errors.h"
#include "common/rpc/convert.h"
#include "common/rpc/server.h"
#include "common/text.h"
#include "common/wire/health.h"
#include "google/protobuf/wrappers.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"

namespace seatsaga {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;
using orchestrator::v1::GetSagaRequest;
using orchestrator::v1::GetSagaResponse;

constexpr const char* kReflect = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
constexpr const char* kWatch = "/grpc.health.v1.Health/Watch";
constexpr absl::Duration kDeadline = absl::Seconds(30);

// One call of a streaming method, a step at a time.
class ClientStream {
 public:
  ClientStream(int port, const char* method)
      : stub_(grpc::CreateChannel(Cat("127.0.0.1:", port), grpc::InsecureChannelCredentials())) {
    context_.set_deadline(absl::ToChronoTime(absl::Now() + kDeadline));
    call_ = stub_.PrepareCall(&context_, method, &queue_);
    call_->StartCall(this);
    REQUIRE(Done());
  }
  ~ClientStream() {
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }
  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;

  void Send(const google::protobuf::Message& message) {
    call_->Write(ToGrpc(message), this);
    REQUIRE(Done());
  }
  // False once there are no more.
  bool ReceiveBytes(grpc::ByteBuffer& bytes) {
    call_->Read(&bytes, this);
    return Done();
  }
  template <class Message>
  Message Receive() {
    grpc::ByteBuffer bytes;
    REQUIRE(ReceiveBytes(bytes));
    Message message;
    REQUIRE(FromGrpc(bytes, message));
    return message;
  }
  void SendNoMore() {
    call_->WritesDone(this);
    REQUIRE(Done());
  }
  grpc::Status End() {
    grpc::Status status;
    call_->Finish(&status, this);
    REQUIRE(Done());
    return status;
  }

 private:
  // Waits for the operation that was started; whether it succeeded.
  bool Done() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::CompletionQueue queue_;
  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
};

struct World {
  World() { REQUIRE(server.Start().ok()); }

  RpcServer server{{.listen = "127.0.0.1:0"}};
};

ServerReflectionRequest ListServices() {
  ServerReflectionRequest request;
  request.set_list_services("");
  return request;
}

// A stream that only its deadline or its client would end is cut when the server stops waiting, and
// says CANCELLED.
TEST_CASE("a server that shuts down ends the streams that clients hold open") {
  World world;
  ClientStream reflection(world.server.port(), kReflect);
  reflection.Send(ListServices());
  REQUIRE(reflection.Receive<ServerReflectionResponse>().has_list_services_response());
  ClientStream watch(world.server.port(), kWatch);
  watch.Send(HealthCheckRequest());
  REQUIRE(watch.Receive<HealthCheckResponse>().status() == HealthCheckResponse::NOT_SERVING);
  const ClientStream silent(world.server.port(), kReflect);

  world.server.Shutdown(kDeadline);
  for (ClientStream* stream : {&reflection, &watch}) {
    const grpc::Status end = stream->End();
    REQUIRE(end.error_code() == grpc::StatusCode::UNAVAILABLE);
    REQUIRE(end.error_message() == "shutting down");
  }
}

TEST_CASE("a stream answers each message, until its client has no more") {
  World world;
  ClientStream reflection(world.server.port(), kReflect);
  for (int i = 0; i < 3; ++i) {
    reflection.Send(ListServices());
    REQUIRE(reflection.Receive<ServerReflectionResponse>().has_list_services_response());
  }
  reflection.SendNoMore();
  REQUIRE(reflection.End().ok());
}

TEST_CASE("a watcher hears of every change, and is told when it watches what is not here") {
  World world;
  ClientStream watch(world.server.port(), kWatch);
  watch.Send(HealthCheckRequest());
  REQUIRE(watch.Receive<HealthCheckResponse>().status() == HealthCheckResponse::NOT_SERVING);
  HealthCheckRequest unknown;
  unknown.set_service("nobody");
  ClientStream other(world.server.port(), kWatch);
  other.Send(unknown);
  REQUIRE(other.Receive<HealthCheckResponse>().status() == HealthCheckResponse::SERVICE_UNKNOWN);
  world.server.SetServing(true);
  REQUIRE(watch.Receive<HealthCheckResponse>().status() == HealthCheckResponse::SERVING);
  world.server.SetServing(false);
  REQUIRE(watch.Receive<HealthCheckResponse>().status() == HealthCheckResponse::NOT_SERVING);
}

TEST_CASE("a stream's first message must be the request") {
  World world;
  ClientStream watch(world.server.port(), kWatch);
  google::protobuf::BytesValue latin1;
  latin1.set_value("caf\xe9");
  watch.Send(latin1);
  const absl::Status end = FromGrpc(watch.End());
  REQUIRE(absl::IsInvalidArgument(end));
  REQUIRE(ReasonOf(end) == "MALFORMED_MESSAGE");
}

// No .proto of ours has a streaming method yet: this one is made up.
const MethodInfo& Events() {
  static const MethodInfo info{.descriptor = orchestrator::kGetSaga.info().descriptor,
                               .path = "/seatsaga.orchestrator.v1.OrchestratorService/WatchSaga",
                               .listener = Listener::kAdmin};
  return info;
}

// A server whose one stream the test writes.
struct Writer {
  Writer() : server({.listen = "127.0.0.1:0"}) {
    server.ServeRawStream(Events(), GetSagaRequest::default_instance(),
                          [this](const google::protobuf::Message& request,
                                 const CallContext& context, std::shared_ptr<ServerStream> opened) {
                            id = static_cast<const GetSagaRequest&>(request).saga_id();
                            deadline = context.deadline();
                            stream.emplace(std::move(opened));
                            arrived.Notify();
                          });
    REQUIRE(server.Start().ok());
    client.emplace(server.port(), Events().path.c_str());
    GetSagaRequest request;
    request.set_saga_id("a");
    client->Send(request);
    arrived.WaitForNotification();
    REQUIRE(id == "a");
    REQUIRE(deadline < SystemClock().Now() + kDeadline + absl::Seconds(1));
  }

  absl::Notification arrived;
  std::string id;
  Mono deadline;
  std::optional<StreamOf<GetSagaResponse>> stream;
  RpcServer server;
  std::optional<ClientStream> client;
};

GetSagaResponse Saga(const std::string& id) {
  GetSagaResponse response;
  response.mutable_saga()->set_saga_id(id);
  return response;
}

TEST_CASE("what a service writes arrives in order, and then its end") {
  Writer writer;
  for (const char* id : {"1", "2", "3"}) REQUIRE(writer.stream->Write(Saga(id)));
  writer.stream->Finish(absl::NotFoundError("no more"));
  REQUIRE_FALSE(writer.stream->Write(Saga("4")));
  for (const char* id : {"1", "2", "3"}) {
    REQUIRE(writer.client->Receive<GetSagaResponse>().saga().saga_id() == id);
  }
  REQUIRE(writer.client->End().error_message() == "no more");
}

TEST_CASE("a stream that the service drops ends UNAVAILABLE") {
  Writer writer;
  writer.stream.reset();
  REQUIRE(writer.client->End().error_code() == grpc::StatusCode::UNAVAILABLE);
}

TEST_CASE("what a service holds of a stream may outlive the stream and the server") {
  Writer writer;
  REQUIRE(writer.stream->open());
  writer.server.Shutdown(kDeadline);
  REQUIRE_FALSE(writer.stream->open());
  REQUIRE_FALSE(writer.stream->Write(Saga("1")));
  writer.stream->Finish(absl::OkStatus());
}

TEST_CASE("a client that does not read loses its stream, and little memory is lost to it") {
  Writer writer;
  const bool many = GENERATE(true, false);  // messages, or bytes
  const size_t size = many ? 4 << 10 : 256 << 10;
  const GetSagaResponse message = Saga(std::string(size, 'a'));
  int written = 0;
  while (writer.stream->Write(message)) ++written;
  if (many) {
    REQUIRE(written >= ServerStream::kUnsentMax);
  } else {
    REQUIRE(written >= static_cast<int>(ServerStream::kUnsentBytesMax / size) - 1);
    REQUIRE(written < ServerStream::kUnsentMax);
  }
  REQUIRE_FALSE(writer.stream->open());
  int received = 0;
  grpc::ByteBuffer bytes;
  while (writer.client->ReceiveBytes(bytes)) ++received;
  REQUIRE(received < written);
  const absl::Status end = FromGrpc(writer.client->End());
  REQUIRE(absl::IsResourceExhausted(end));
  REQUIRE(ReasonOf(end) == "SLOW_READER");
}

// More messages than may be unsent: without waiting, the stream would be cut.
TEST_CASE("a writer that waits for its client writes no faster than the client reads") {
  constexpr int kMessages = 2 * ServerStream::kUnsentMax;
  Writer writer;
  const GetSagaResponse message = Saga(std::string(4 << 10, 'a'));
  int written = 0;
  absl::Notification all;
  std::function<void()> write_next = [&] {
    writer.stream->WhenUnsentBelow(2, [&] {
      if (!writer.stream->Write(message)) return;
      if (++written == kMessages) return all.Notify();
      write_next();
    });
  };
  write_next();
  for (int i = 0; i < kMessages; ++i) writer.client->Receive<GetSagaResponse>();
  all.WaitForNotification();
  REQUIRE(writer.stream->open());
}

TEST_CASE("a writer that waits for its client hears that it has gone") {
  Writer writer;
  const GetSagaResponse large = Saga(std::string(64 << 10, 'a'));
  for (int i = 0; i < 100; ++i) REQUIRE(writer.stream->Write(large));
  absl::Notification heard;
  writer.stream->WhenUnsentBelow(1, [&] { heard.Notify(); });
  writer.client.reset();
  heard.WaitForNotification();
  REQUIRE_FALSE(writer.stream->open());
}

}  // namespace
}  // namespace seatsaga
