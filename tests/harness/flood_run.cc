#include "tests/harness/flood_run.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "api/orchestrator.h"
#include "cluster/process.h"
#include "cluster/wait.h"
#include "common/rpc/client.h"
#include "common/text.h"

namespace seatsaga::testing {
namespace {

constexpr absl::Duration kDeadline = absl::Seconds(10);
constexpr int kInFlight = 16;
constexpr absl::Duration kSpeedSpan = absl::Milliseconds(500);
// Of the speed before the flood: other programs run on the machine too.
constexpr double kFullSpeed = 0.6;
constexpr absl::Duration kRecoveryMax = absl::Seconds(15);
constexpr absl::Duration kSample = absl::Milliseconds(20);

// A line of /proc/PID/status in MiB; 0 if the process has gone.
int64_t MemoryMib(pid_t pid, std::string_view name) {
  std::ifstream status(Cat("/proc/", pid, "/status"));
  std::string word;
  while (status >> word) {
    int64_t kib = 0;
    if (word == name && status >> kib) return kib / 1024;
  }
  return 0;
}

orchestrator::v1::GetSagaRequest Question() {
  orchestrator::v1::GetSagaRequest request;
  request.set_saga_id("an ordinary question");
  return request;
}

// Calls one after the other, on a thread of its own.
class OrdinaryClient {
 public:
  explicit OrdinaryClient(const std::string& address)
      : client_(address), thread_([this] { Run(); }) {}
  ~OrdinaryClient() { Stop(); }

  void Stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }
  // Once stopped.
  void Report(FloodResult& result) const {
    result.calls = calls_;
    result.failed = failed_;
    result.slowest = slowest_;
  }

 private:
  void Run() {
    while (!stopping_) {
      const absl::Time start = absl::Now();
      const auto answer = client_.Call(orchestrator::kGetSaga, Question(), kDeadline);
      slowest_ = std::max(slowest_, absl::Now() - start);
      ++calls_;
      if (!answer.ok()) ++failed_;
    }
  }

  RpcClient client_;
  std::atomic<bool> stopping_ = false;
  int64_t calls_ = 0;
  int64_t failed_ = 0;
  absl::Duration slowest_;
  std::thread thread_;
};

// Calls answered in a second, with some in flight at a time.
double Speed(RpcClient& client, absl::Duration span) {
  absl::Mutex mutex;
  int under_way = 0;
  int64_t answered = 0;
  const absl::Time start = absl::Now();
  const absl::Time end = start + span;
  const auto has_room = [&] { return under_way < kInFlight; };
  const auto is_idle = [&] { return under_way == 0; };
  while (absl::Now() < end) {
    {
      const absl::MutexLock lock(&mutex);
      mutex.Await(absl::Condition(&has_room));
      ++under_way;
    }
    client.channel().Call(orchestrator::kGetSaga, Question(), kDeadline, [&](const auto& answer) {
      const absl::MutexLock lock(&mutex);
      --under_way;
      if (answer.ok()) ++answered;
    });
  }
  const absl::MutexLock lock(&mutex);
  mutex.Await(absl::Condition(&is_idle));
  return static_cast<double>(answered) / absl::ToDoubleSeconds(absl::Now() - start);
}

absl::Duration Recovery(RpcClient& client, double before) {
  const absl::Time start = absl::Now();
  while (absl::Now() - start < kRecoveryMax) {
    if (Speed(client, kSpeedSpan) >= before * kFullSpeed) return absl::Now() - start;
  }
  return absl::InfiniteDuration();
}

AttackOptions AttackOn(int port, const FloodOptions& options) {
  const bool wants_much = options.flood == Flood::kSlowReader;
  return {.flood = options.flood,
          .port = port,
          .connections = options.connections,
          .polite = options.polite,
          .path = wants_much ? orchestrator::kListSagas.info().path
                             : orchestrator::kGetSaga.info().path,
          .request = wants_much ? "" : Question().SerializeAsString()};
}

}  // namespace

std::string NameOf(const FloodOptions& options) {
  return Cat(NameOf(options.flood), ", ", options.connections,
             options.connections == 1 ? " connection, " : " connections, ",
             options.polite ? "polite" : "rude");
}

absl::StatusOr<FloodedServer> FloodedServer::Start(const std::string& program,
                                                   const std::string& folder,
                                                   const std::vector<std::string>& flags,
                                                   int limit) {
  const std::string ready_file = folder + "/ready";
  std::filesystem::remove(ready_file);
  std::vector<std::string> argv;
  if (limit > 0) argv = {"/bin/sh", "-c", Cat("ulimit -n ", limit, "; exec \"$0\" \"$@\"")};
  argv.insert(argv.end(), {program, "--ready-file=" + ready_file});
  argv.insert(argv.end(), flags.begin(), flags.end());
  auto process = cluster::Process::Start(
      argv, {.stdout_file = folder + "/log", .stderr_file = folder + "/log"});
  if (!process.ok()) return process.status();
  FloodedServer server;
  server.process_ = *std::move(process);
  const bool ended = !cluster::WaitUntil([&] {
    server.address_ = cluster::ReadFile(ready_file);
    return !server.address_.empty() || !server.process_.Running();
  });
  if (ended || server.address_.empty()) {
    return absl::UnavailableError("the server does not start: " +
                                  cluster::ReadFile(folder + "/log"));
  }
  server.address_.pop_back();  // the end of the line
  return server;
}

int FloodedServer::port() const {
  int port = 0;
  const char* end = address_.data() + address_.size();
  std::from_chars(address_.data() + address_.rfind(':') + 1, end, port);
  return port;
}

absl::StatusOr<FloodResult> RunFlood(const std::string& program, const std::string& folder,
                                     const FloodOptions& options) {
  std::vector<std::string> flags;
  if (options.unbounded) flags.push_back("--unbounded");
  auto server = FloodedServer::Start(program, folder, flags);
  if (!server.ok()) return server.status();
  cluster::Process& process = server->process();

  FloodResult result;
  RpcClient fast(server->address());
  Speed(fast, kSpeedSpan);  // connects
  const double before = Speed(fast, kSpeedSpan);
  result.rss_before_mib = MemoryMib(process.pid(), "VmRSS:");
  {
    OrdinaryClient ordinary(server->address());
    const Http2Attacker attacker(AttackOn(server->port(), options));
    const absl::Time end = absl::Now() + options.lasts;
    while (absl::Now() < end && process.Running() &&
           MemoryMib(process.pid(), "VmRSS:") < options.give_up_mib) {
      absl::SleepFor(kSample);
    }
    ordinary.Stop();
    ordinary.Report(result);
    result.attacker_mib = attacker.bytes_sent() >> 20;
    result.attacker_cuts = attacker.cuts();
  }
  result.recovery = Recovery(fast, before);
  result.rss_max_mib = MemoryMib(process.pid(), "VmHWM:");
  result.alive = process.Running();
  return result;
}

std::string Complaint(const FloodResult& result, absl::Duration slowest_max) {
  if (!result.alive) return "the server has ended";
  if (result.rss_max_mib > 300) return Cat("it took ", result.rss_max_mib, " MiB of memory");
  if (result.failed > 0) return Cat(result.failed, " calls of an ordinary client failed");
  if (result.slowest > slowest_max) {
    return Cat("a call took ", absl::ToInt64Milliseconds(result.slowest), " ms");
  }
  if (result.recovery > absl::Seconds(5)) return "it was slow for more than 5 s afterwards";
  return "";
}

}  // namespace seatsaga::testing
