// The server and the client over real sockets.
#include "common/rpc/server.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "api/orchestrator.h"
#include "api/seat.h"
#include "common/errors.h"
#include "common/on_arena.h"
#include "common/rpc/client.h"
#include "common/text.h"
#include "common/wire/health.h"
#include "google/protobuf/wrappers.pb.h"
#include "tests/support/temp_dir.h"

namespace seatsaga {
namespace {

using google::protobuf::BytesValue;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using orchestrator::v1::GetSagaRequest;
using orchestrator::v1::GetSagaResponse;
using orchestrator::v1::ListSagasRequest;
using orchestrator::v1::ListSagasResponse;

using orchestrator::kGetSaga;

constexpr absl::Duration kDeadline = absl::Seconds(30);
// As ListSeats, but on this service: answered on an arena.
constexpr Method<ListSagasRequest, OnArena<ListSagasResponse>> kListOnArena{Listener::kAdmin};

using Handler = std::function<void(GetSagaRequest&, const CallContext&, Reply<GetSagaResponse>)>;

void Echo(GetSagaRequest& request, const CallContext&, Reply<GetSagaResponse> reply) {
  GetSagaResponse response;
  response.mutable_saga()->set_saga_id(request.saga_id());
  reply.Send(std::move(response));
}

struct Client : RpcClient {
  using RpcClient::RpcClient;
  absl::StatusOr<GetSagaResponse> Get(const GetSagaRequest& request,
                                      absl::Duration deadline = kDeadline) {
    return Call(kGetSaga, request, deadline);
  }
  // Whatever the bytes are.
  absl::Status GetRaw(const google::protobuf::Message& request) {
    GetSagaResponse response;
    absl::Status status;
    absl::Notification done;
    channel().CallRaw(kGetSaga.info(), request, kDeadline, &response, [&](absl::Status end) {
      status = std::move(end);
      done.Notify();
    });
    done.WaitForNotification();
    return status;
  }
  absl::StatusOr<HealthCheckResponse> Check(const std::string& service) {
    HealthCheckRequest request;
    request.set_service(service);
    return Call(kHealthCheck, request, kDeadline);
  }
};

struct World {
  explicit World(Handler handler = Echo,
                 const RpcServerOptions& options = {.listen = "127.0.0.1:0"})
      : server(options) {
    server.Serve(kGetSaga, std::move(handler));
    REQUIRE(server.Start().ok());
    const bool is_unix = options.listen.starts_with("unix:");
    REQUIRE((server.port() == 0) == is_unix);
    client.emplace(is_unix ? options.listen : Cat("127.0.0.1:", server.port()));
  }
  ~World() {
    client.reset();
    server.Shutdown(kDeadline);
  }

  RpcServer server;
  std::optional<Client> client;
};

GetSagaRequest Ask(std::string id) {
  GetSagaRequest request;
  request.set_saga_id(std::move(id));
  return request;
}

TEST_CASE("a call is answered over TCP and over a Unix socket") {
  const testing::TempDir dir;
  const std::string listen = GENERATE(as<std::string>(), "127.0.0.1:0", "unix:");
  World world(Echo, {.listen = listen == "unix:" ? "unix:" + dir.File("socket") : listen});
  const auto answer = world.client->Get(Ask("hello"));
  INFO(answer.status());
  REQUIRE(answer.ok());
  REQUIRE(answer->saga().saga_id() == "hello");
}

TEST_CASE("an empty answer and an empty request pass") {
  World world([](GetSagaRequest& request, const CallContext&, Reply<GetSagaResponse> reply) {
    REQUIRE(request.saga_id().empty());
    reply.Send(GetSagaResponse());
  });
  REQUIRE(world.client->Get(GetSagaRequest()).ok());
}

TEST_CASE("a message on an arena is sent and received as any other") {
  RpcServer server({.listen = "127.0.0.1:0"});
  server.Serve(kListOnArena, [](ListSagasRequest& request, const CallContext&,
                                Reply<OnArena<ListSagasResponse>> reply) {
    OnArena<ListSagasResponse> response;
    for (int i = 0; i < request.page_size(); ++i) {
      response->add_sagas()->set_saga_id(Cat("a text that needs memory of its own: ", i));
    }
    reply.Send(std::move(response));
  });
  REQUIRE(server.Start().ok());
  {
    Client client(Cat("127.0.0.1:", server.port()));
    ListSagasRequest request;
    request.set_page_size(5000);
    const auto on_arena = client.Call(kListOnArena, request, kDeadline);
    const auto plain = client.Call(orchestrator::kListSagas, request, kDeadline);
    REQUIRE(on_arena.ok());
    REQUIRE(plain.ok());
    REQUIRE(plain->sagas_size() == 5000);
    REQUIRE(plain->sagas(4999).saga_id() == "a text that needs memory of its own: 4999");
    REQUIRE((*on_arena)->SerializeAsString() == plain->SerializeAsString());
  }
  server.Shutdown(kDeadline);
}

TEST_CASE("the handler knows when the caller stops waiting") {
  Mono arrival;
  Mono seen;
  World world(
      [&](GetSagaRequest& request, const CallContext& context, Reply<GetSagaResponse> reply) {
        arrival = context.arrival();
        seen = context.deadline();
        Echo(request, context, std::move(reply));
      });
  const Mono before = SystemClock().Now();
  REQUIRE(world.client->Get(Ask("a"), absl::Hours(10)).ok());
  REQUIRE(arrival >= before);
  REQUIRE(arrival <= SystemClock().Now());
  REQUIRE(seen > before + absl::Hours(9));
  REQUIRE(seen < before + absl::Hours(11));
}

TEST_CASE("the handler may ask where the call comes from, and for its metadata") {
  std::string peer;
  std::string agent;
  std::string nothing = "?";
  World world(
      [&](GetSagaRequest& request, const CallContext& context, Reply<GetSagaResponse> reply) {
        peer = context.peer();
        agent = context.metadata("user-agent");
        nothing = context.metadata("traceparent");
        Echo(request, context, std::move(reply));
      });
  REQUIRE(world.client->Get(Ask("a")).ok());
  REQUIRE(peer.starts_with("ipv4:127.0.0.1:"));
  REQUIRE(agent.find("grpc") != std::string::npos);
  REQUIRE(nothing.empty());
}

TEST_CASE("a server serves only the methods of its listeners") {
  World world(Echo, {.listen = "127.0.0.1:0", .listeners = {Listener::kPublic}});
  REQUIRE(absl::IsUnimplemented(world.client->Get(Ask("a")).status()));
  REQUIRE(world.client->Check("").ok());
  REQUIRE(absl::IsNotFound(
      world.client->Check(kGetSaga.info().descriptor->service()->full_name()).status()));
}

TEST_CASE("a call without a deadline is refused and says how to set one") {
  World world;
  const auto answer = world.client->Get(Ask("a"), absl::InfiniteDuration());
  REQUIRE(answer.status().code() == absl::StatusCode::kInvalidArgument);
  REQUIRE(ReasonOf(answer.status()) == "DEADLINE_REQUIRED");
}

TEST_CASE("bytes that are not the message are refused, the server serves on") {
  World world;
  BytesValue latin1;  // field 1 too, but of bytes
  latin1.set_value("caf\xe9");
  REQUIRE(ReasonOf(world.client->GetRaw(latin1)) == "MALFORMED_MESSAGE");
  REQUIRE(world.client->Get(Ask("a")).ok());
}

TEST_CASE("a message over the limit is refused with details, far over it by gRPC itself") {
  World world(Echo, {.listen = "127.0.0.1:0", .request_bytes_max = 100});
  REQUIRE(world.client->Get(Ask(std::string(98, 'a'))).ok());
  const auto large = world.client->Get(Ask(std::string(99, 'a')));
  REQUIRE(large.status().code() == absl::StatusCode::kInvalidArgument);
  REQUIRE(ReasonOf(large.status()) == "MESSAGE_TOO_LARGE");
  const auto huge = world.client->Get(Ask(std::string(100'000, 'a')));
  REQUIRE(huge.status().code() == absl::StatusCode::kResourceExhausted);
  REQUIRE(world.client->Get(Ask("a")).ok());
}

TEST_CASE("an error's code, words and details cross the wire") {
  World world([](GetSagaRequest& request, const CallContext&, Reply<GetSagaResponse> reply) {
    if (request.saga_id() == "overload")
      return reply.Send(OverloadedError(absl::Milliseconds(1250)));
    FieldErrors errors;
    errors.Add("saga_id", "h\xc3\xa9 is not a UUID");
    reply.Send(errors.ToStatus());
  });
  const auto invalid = world.client->Get(Ask("x")).status();
  REQUIRE(invalid.code() == absl::StatusCode::kInvalidArgument);
  REQUIRE(View(invalid.message()) == "saga_id: h\xc3\xa9 is not a UUID");
  REQUIRE(ReasonOf(invalid) == "INVALID_REQUEST");
  REQUIRE(FieldViolationsOf(invalid).size() == 1);
  REQUIRE(FieldViolationsOf(invalid)[0].first == "saga_id");
  const auto overloaded = world.client->Get(Ask("overload")).status();
  REQUIRE(overloaded.code() == absl::StatusCode::kResourceExhausted);
  REQUIRE(RetryDelayOf(overloaded, absl::ZeroDuration()) == absl::Milliseconds(1250));
}

TEST_CASE("a reply that is dropped answers UNAVAILABLE over the wire") {
  World world([](GetSagaRequest&, const CallContext&, Reply<GetSagaResponse>) {});
  const auto answer = world.client->Get(Ask("a"));
  REQUIRE(answer.status().code() == absl::StatusCode::kUnavailable);
  REQUIRE(ReasonOf(answer.status()) == "UNAVAILABLE");
}

TEST_CASE("a call that is never answered ends at its deadline") {
  Reply<GetSagaResponse> kept;
  World world([&](GetSagaRequest&, const CallContext&, Reply<GetSagaResponse> reply) {
    kept = std::move(reply);
  });
  const auto answer = world.client->Get(Ask("a"), absl::Milliseconds(20));
  REQUIRE(answer.status().code() == absl::StatusCode::kDeadlineExceeded);
  kept.Send(GetSagaResponse());  // too late, and harmless
}

TEST_CASE("a method that is not served is UNIMPLEMENTED") {
  World world;
  const auto answer = world.client->Call(orchestrator::kListSagas, {}, kDeadline);
  REQUIRE(answer.status().code() == absl::StatusCode::kUnimplemented);
}

TEST_CASE("a port in use is an error that says what to do") {
  World first;
  RpcServer second({.listen = Cat("127.0.0.1:", first.server.port())});
  const absl::Status status = second.Start();
  REQUIRE(status.code() == absl::StatusCode::kUnavailable);
  REQUIRE(status.ToString().find("choose another address with --listen") != std::string::npos);
  REQUIRE(first.client->Get(Ask("a")).ok());
}

TEST_CASE("an address that cannot be used is an error, and a server need not be started") {
  RpcServer wrong({.listen = "no-such-host.invalid:1"});
  REQUIRE_FALSE(wrong.Start().ok());
  const RpcServer never_started({.listen = "127.0.0.1:0"});
}

TEST_CASE("health follows what the server is told, for itself and each of its services") {
  World world;
  const std::string service =
      GENERATE(as<std::string>(), "", kGetSaga.info().descriptor->service()->full_name());
  REQUIRE(world.client->Check(service)->status() == HealthCheckResponse::NOT_SERVING);
  world.server.SetServing(true);
  REQUIRE(world.client->Check(service)->status() == HealthCheckResponse::SERVING);
  world.server.SetServing(false);
  REQUIRE(world.client->Check(service)->status() == HealthCheckResponse::NOT_SERVING);
}

TEST_CASE("the health of a service that is not here is NOT_FOUND") {
  World world;
  world.server.SetServing(true);
  REQUIRE(world.client->Check("seatsaga.seat.v1.SeatService").status().code() ==
          absl::StatusCode::kNotFound);
}

TEST_CASE("two hundred calls at once are each answered with their own answer") {
  World world;
  constexpr int kCalls = 200;
  absl::BlockingCounter left(kCalls);
  std::atomic<int> right = 0;
  for (int i = 0; i < kCalls; ++i) {
    const std::string id = std::to_string(i);
    world.client->channel().Call(kGetSaga, Ask(id), kDeadline,
                                 [&, id](absl::StatusOr<GetSagaResponse> answer) {
                                   if (answer.ok() && answer->saga().saga_id() == id) ++right;
                                   left.DecrementCount();
                                 });
  }
  left.Wait();
  REQUIRE(right == kCalls);
}

TEST_CASE("two hundred calls in progress at once can be answered from another thread") {
  constexpr int kCalls = 200;
  absl::BlockingCounter arrived(kCalls);
  absl::Mutex mutex;
  std::vector<Reply<GetSagaResponse>> kept;
  World world([&](GetSagaRequest&, const CallContext&, Reply<GetSagaResponse> reply) {
    {
      const absl::MutexLock lock(&mutex);
      kept.push_back(std::move(reply));
    }
    arrived.DecrementCount();
  });
  absl::BlockingCounter left(kCalls);
  for (int i = 0; i < kCalls; ++i) {
    world.client->channel().Call(kGetSaga, Ask("a"), kDeadline,
                                 [&](const auto&) { left.DecrementCount(); });
  }
  arrived.Wait();
  for (auto& reply : kept) reply.Send(GetSagaResponse());
  left.Wait();
}

TEST_CASE("a call to nobody is UNAVAILABLE or ends at its deadline") {
  int port = 0;
  {
    World gone;
    port = gone.server.port();
  }
  Client client(Cat("127.0.0.1:", port));
  const auto code = client.Get(Ask("a"), absl::Milliseconds(50)).status().code();
  REQUIRE((code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kDeadlineExceeded));
}

}  // namespace
}  // namespace seatsaga
