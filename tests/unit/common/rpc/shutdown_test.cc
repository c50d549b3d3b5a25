// A server that shuts down while calls are in progress.
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/synchronization/notification.h"
#include "api/orchestrator.h"
#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "common/text.h"

namespace seatsaga {
namespace {

using orchestrator::kGetSaga;
using orchestrator::v1::GetSagaRequest;
using orchestrator::v1::GetSagaResponse;

constexpr absl::Duration kDeadline = absl::Seconds(30);

// One call that has reached its handler, which keeps the reply.
struct CallInProgress {
  CallInProgress() : server({.listen = "127.0.0.1:0"}) {
    server.Serve(kGetSaga,
                 [this](GetSagaRequest&, const CallContext&, Reply<GetSagaResponse> given) {
                   reply = std::move(given);
                   arrived.Notify();
                 });
    REQUIRE(server.Start().ok());
    io.Start();
    channel.emplace(io, Cat("127.0.0.1:", server.port()));
    channel->Call(kGetSaga, GetSagaRequest(), kDeadline,
                  [this](absl::StatusOr<GetSagaResponse> got) {
                    answer = std::move(got);
                    answered.Notify();
                  });
    arrived.WaitForNotification();
  }
  ~CallInProgress() {
    channel.reset();
    io.Stop();
  }

  absl::Notification arrived;
  absl::Notification answered;
  absl::StatusOr<GetSagaResponse> answer;
  Reply<GetSagaResponse> reply;
  RpcServer server;
  IoThread io;
  std::optional<RpcChannel> channel;
};

TEST_CASE("a call answered before the shutdown's deadline gets its answer") {
  CallInProgress call;
  std::thread answering([&] { call.reply.Send(GetSagaResponse()); });
  call.server.Shutdown(kDeadline);
  answering.join();
  call.answered.WaitForNotification();
  REQUIRE(call.answer.ok());
}

TEST_CASE("a call in progress at the shutdown's deadline is cancelled") {
  CallInProgress call;
  call.server.Shutdown(absl::ZeroDuration());
  call.answered.WaitForNotification();
  REQUIRE_FALSE(call.answer.ok());
}

TEST_CASE("an answer that comes after the shutdown is dropped without harm") {
  CallInProgress call;
  call.server.Shutdown(absl::ZeroDuration());
  call.reply.Send(GetSagaResponse());
  call.answered.WaitForNotification();
  REQUIRE_FALSE(call.answer.ok());
}

TEST_CASE("shutting down twice is harmless, and new calls are refused") {
  CallInProgress call;
  call.reply.Send(GetSagaResponse());
  call.answered.WaitForNotification();
  call.server.Shutdown(kDeadline);
  call.server.Shutdown(kDeadline);
  const auto late = CallAndWait(*call.channel, kGetSaga, GetSagaRequest(), absl::Milliseconds(50));
  REQUIRE_FALSE(late.ok());
}

}  // namespace
}  // namespace seatsaga
