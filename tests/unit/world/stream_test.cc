#include <catch2/catch.hpp>
#include <memory>
#include <optional>

#include "common/wire/wire.h"
#include "grpc/health/v1/health.pb.h"
#include "tests/world/test_world.h"

namespace seatsaga::testing {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr StreamingMethod<HealthCheckRequest, HealthCheckResponse> kWatch{Listener::kPublic};

HealthCheckResponse Serving() {
  HealthCheckResponse response;
  response.set_status(HealthCheckResponse::SERVING);
  return response;
}

// A server "a" with one stream open.
struct OneStream {
  OneStream() {
    server.wire.Serve(kWatch,
                      [this](const HealthCheckRequest&, const CallContext&,
                             StreamOf<HealthCheckResponse> opened) { stream = std::move(opened); });
    REQUIRE(server.wire.Start().ok());
    received = world.Open("a", kWatch, {});
    world.Run();
    REQUIRE(stream.has_value());
  }

  TestWorld world{Engine::kModel};
  World server = world.world("a");
  std::optional<StreamOf<HealthCheckResponse>> stream;
  Received<HealthCheckResponse> received;
};

TEST_CASE_METHOD(OneStream, "what is written arrives in order, and then the end") {
  CHECK(stream->Write(Serving()));
  CHECK(stream->Write(HealthCheckResponse()));
  stream->Finish(absl::OkStatus());
  CHECK_FALSE(stream->Write(Serving()));
  world.Run();
  REQUIRE(received.messages().size() == 2);
  CHECK(received.messages()[0].status() == HealthCheckResponse::SERVING);
  CHECK(received.end() == absl::OkStatus());
}

TEST_CASE_METHOD(OneStream, "a client that reads too slowly loses its stream") {
  world.Hold("client", "a", Leg::kAnswer);
  for (int i = 0; i < ServerStream::kUnsentMax; ++i) REQUIRE(stream->Write(Serving()));
  CHECK_FALSE(stream->Write(Serving()));
  world.Release("client", "a");
  world.Run();
  CHECK(received.messages().size() == ServerStream::kUnsentMax);
  REQUIRE(received.end().has_value());
  CHECK(absl::IsResourceExhausted(*received.end()));
}

TEST_CASE_METHOD(OneStream, "a writer hears when its client has read, once") {
  int heard = 0;
  const auto wait = [&](int unsent) { stream->WhenUnsentBelow(unsent, [&] { ++heard; }); };
  wait(1);
  CHECK(heard == 1);
  world.Hold("client", "a", Leg::kAnswer);
  stream->Write(Serving());
  stream->Write(Serving());
  wait(3);
  CHECK(heard == 2);
  wait(2);
  CHECK(heard == 2);
  world.Release("client", "a");
  world.Run();
  CHECK(heard == 3);
}

TEST_CASE_METHOD(OneStream, "a writer that waits hears that the stream is over") {
  world.Hold("client", "a", Leg::kAnswer);
  stream->Write(Serving());
  bool heard = false;
  stream->WhenUnsentBelow(1, [&] { heard = true; });
  received.Cancel();
  CHECK(heard);
}

TEST_CASE_METHOD(OneStream, "a client that has gone ends the writing") {
  received.Cancel();
  CHECK_FALSE(stream->Write(Serving()));
}

TEST_CASE_METHOD(OneStream, "a stream that the server drops ends UNAVAILABLE") {
  stream.reset();
  world.Run();
  REQUIRE(received.end().has_value());
  CHECK(absl::IsUnavailable(*received.end()));
}

TEST_CASE_METHOD(OneStream, "a crash ends its streams") {
  world.Crash("a");
  world.Run();
  REQUIRE(received.end().has_value());
  CHECK(absl::IsUnavailable(*received.end()));
  CHECK_FALSE(stream->Write(Serving()));
}

}  // namespace
}  // namespace seatsaga::testing
