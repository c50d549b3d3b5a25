// Streams that clients hold open, over real sockets.
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "common/rpc/convert.h"
#include "common/rpc/server.h"
#include "common/text.h"
#include "grpc/health/v1/health.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"

namespace seatsaga {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;

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
  template <class Message>
  Message Receive() {
    grpc::ByteBuffer bytes;
    call_->Read(&bytes, this);
    REQUIRE(Done());
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

  world.server.Shutdown(absl::Now() + kDeadline);
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

}  // namespace
}  // namespace seatsaga
