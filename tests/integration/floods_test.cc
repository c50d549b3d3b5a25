// What clients' connections may cost a server, and how it listens. seatsaga-floods runs the floods
// at length: see its --help.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "api/orchestrator.h"
#include "cluster/cluster.h"
#include "cluster/scratch.h"
#include "cluster/wait.h"
#include "common/rpc/client.h"
#include "common/text.h"
#include "tests/harness/flood_run.h"

namespace seatsaga::testing {
namespace {

using orchestrator::v1::GetSagaRequest;

constexpr absl::Duration kDeadline = absl::Seconds(10);

std::string Program() { return cluster::DefaultBinFolder() + "/seatsaga-flooded"; }

FloodedServer Start(const cluster::ScratchFolder& folder, const std::vector<std::string>& flags,
                    int limit = 0) {
  auto server = FloodedServer::Start(Program(), folder.path(), flags, limit);
  INFO(server.status());
  REQUIRE(server.ok());
  return *std::move(server);
}

absl::Status Get(RpcClient& client, size_t bytes = 10) {
  GetSagaRequest request;
  request.set_saga_id(std::string(bytes, 'x'));
  return client.Call(Plain(orchestrator::kGetSaga), request, kDeadline).status();
}

TEST_CASE("a flood costs a server little, and its other clients nothing") {
  // Short ones: the machine may be slow, and do other things.
  constexpr absl::Duration kLasts = absl::Milliseconds(1500);
  constexpr absl::Duration kSlowest = absl::Seconds(5);
  const auto flood = GENERATE(from_range(AllFloods()));
  const int connections = GENERATE(1, 100);
  // The other combinations behave as these.
  const bool polite = connections == 1;
  const cluster::ScratchFolder folder("flood");
  const FloodOptions options{
      .flood = flood, .connections = connections, .polite = polite, .lasts = kLasts};
  const auto result = RunFlood(Program(), folder.path(), options);
  INFO(NameOf(options));
  INFO(result.status());
  REQUIRE(result.ok());
  CHECK(Complaint(*result, kSlowest) == "");
}

// Calls as fast as they are answered, so many at a time.
int FailedOf(RpcClient& client, int in_flight, size_t bytes, absl::Duration lasts) {
  absl::Mutex mutex;
  int under_way = 0;
  int failed = 0;
  GetSagaRequest request;
  request.set_saga_id(std::string(bytes, 'x'));
  const auto has_room = [&] { return under_way < in_flight; };
  const auto is_idle = [&] { return under_way == 0; };
  for (const absl::Time end = absl::Now() + lasts; absl::Now() < end;) {
    {
      const absl::MutexLock lock(&mutex);
      mutex.Await(absl::Condition(&has_room));
      ++under_way;
    }
    client.channel().Call(Plain(orchestrator::kGetSaga), request, kDeadline,
                          [&](const auto& answer) {
                            const absl::MutexLock lock(&mutex);
                            --under_way;
                            if (!answer.ok()) ++failed;
                          });
  }
  const absl::MutexLock lock(&mutex);
  mutex.Await(absl::Condition(&is_idle));
  return failed;
}

TEST_CASE("a client at full speed is never cut, with small requests or large ones") {
  const cluster::ScratchFolder folder("flood");
  const FloodedServer server = Start(folder, {});
  RpcClient client(server.address());
  const auto [in_flight, bytes] = GENERATE(table<int, size_t>({{2000, 200}, {32, 1'000'000}}));
  CHECK(FailedOf(client, in_flight, bytes, absl::Seconds(2)) == 0);
}

// Connections on which nobody says anything.
class Silent {
 public:
  Silent(int port, int count) {
    for (int i = 0; i < count; ++i) {
      const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(static_cast<uint16_t>(port));
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      REQUIRE(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
      fds_.push_back(fd);
    }
  }
  Silent(const Silent&) = delete;
  Silent& operator=(const Silent&) = delete;
  ~Silent() {
    for (const int fd : fds_) close(fd);
  }
  // How many the server has closed.
  int Closed() const {
    int closed = 0;
    for (const int fd : fds_) {
      char byte[4096];
      ssize_t size = 0;
      while ((size = recv(fd, byte, sizeof(byte), MSG_DONTWAIT)) > 0) {
      }
      if (size == 0 || errno != EAGAIN) ++closed;
    }
    return closed;
  }

 private:
  std::vector<int> fds_;
};

TEST_CASE("a server with few descriptors closes what it cannot serve, and serves again") {
  constexpr int kLimit = 64;
  const cluster::ScratchFolder folder("flood");
  const FloodedServer server = Start(folder, {}, kLimit);
  {
    const Silent silent(server.port(), 100);
    CHECK(cluster::WaitUntil([&] { return silent.Closed() > 100 - kLimit / 2; }));
  }
  RpcClient client(server.address());
  CHECK(cluster::WaitUntil([&] { return Get(client).ok(); }));
}

TEST_CASE("one connection too many takes the place of the one that is idle longest") {
  const cluster::ScratchFolder folder("flood");
  const FloodedServer server = Start(folder, {"--connections-max=8"});
  const Silent silent(server.port(), 8);
  RpcClient client(server.address());
  CHECK(cluster::WaitUntil([&] { return Get(client).ok(); }));
  CHECK(silent.Closed() == 1);
}

TEST_CASE("a second server on a Unix socket is refused, and the first goes on") {
  const cluster::ScratchFolder folder("flood");
  const std::string listen = "--listen=unix:" + folder.path() + "/socket";
  FloodedServer first = Start(folder, {listen});
  const cluster::ScratchFolder other("flood");
  const auto second = FloodedServer::Start(Program(), other.path(), {listen});
  CHECK_THAT(std::string(second.status().message()), Catch::Contains("another server runs there"));
  RpcClient client(first.address());
  CHECK(Get(client) == absl::OkStatus());

  first.process().Kill();
  const FloodedServer third = Start(folder, {listen});
  RpcClient again(third.address());
  CHECK(cluster::WaitUntil([&] { return Get(again).ok(); }));
}

}  // namespace
}  // namespace seatsaga::testing
