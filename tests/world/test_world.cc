#include "tests/world/test_world.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "common/random.h"
#include "common/sqlite/lane.h"
#include "common/store/model.h"
#include "common/text.h"
#include "tests/support/temp_dir.h"
#include "tests/world/agenda.h"
#include "tests/world/faulty_stores.h"
#include "tests/world/hand_clock.h"
#include "tests/world/memory_wire.h"
#include "tests/world/network.h"
#include "tests/world/turns.h"

namespace seatsaga::testing {
namespace {

// More than any test does between two moves of the clock: something goes round in circles.
constexpr int kStepsMax = 10'000'000;

// What a process has from its start to its crash or its end.
struct Process {
  Process(Network& network, Agenda& agenda, const Clock& base, store::Stores& all_stores,
          CommitFaults& faults, std::shared_ptr<Life> given_life)
      : life(std::move(given_life)),
        clock(base),
        executor(clock),
        wire(network, clock, life),
        stores(all_stores, faults, agenda, base, life) {}

  // When it would run next, by the world's clock; when its pause is over, if that has passed.
  Mono due(Mono now) const {
    const Mono turn = clock.ToBase(executor.due());
    return turn > now ? turn : std::max(turn, life->paused_until);
  }

  const std::shared_ptr<Life> life;
  ProcessClock clock;
  TurnExecutor executor;
  MemoryWire wire;
  FaultyStores stores;
};

// What outlives a process.
struct Host {
  std::unique_ptr<store::Stores> stores;
  CommitFaults faults;
  absl::Duration wall_offset;
  std::unique_ptr<Process> process;  // null before the first
};

}  // namespace

struct TestWorld::Impl {
  Impl(MakeStores make, uint64_t seed, Weather& weather)
      : make_stores(std::move(make)), random(seed), network(clock, agenda, weather) {}
  Impl(Engine engine, uint64_t seed) : Impl(nullptr, seed, calm) {
    make_stores = [this, engine](const std::string& process) -> std::unique_ptr<store::Stores> {
      if (engine == Engine::kModel) return std::make_unique<store::ModelStores>();
      return std::make_unique<sqlite::SqliteStores>([this, process](std::string_view service) {
        return folder.File(Cat(process, "-", service, ".db"));
      });
    };
  }

  Host& HostOf(const std::string& name) {
    Host& host = hosts[name];
    if (host.stores == nullptr) host.stores = make_stores(name);
    return host;
  }

  const std::shared_ptr<Life>& Outside(const std::string& name) {
    std::shared_ptr<Life>& life = outside[name];
    if (life == nullptr) life = std::make_shared<Life>(Life{.process = name});
    return life;
  }

  bool Step() {
    if (agenda.RunOne()) return true;
    return std::any_of(hosts.begin(), hosts.end(), [this](auto& host) {
      Process* const process = host.second.process.get();
      if (process == nullptr) return false;
      if (!process->life->Pauses(clock.Now())) return process->executor.RunTurn();
      if (process->executor.wants_turn()) process->life->HoldsUp(clock.Now());
      return false;
    });
  }
  void Run() {
    for (int steps = 0; Step(); ++steps) {
      if (steps < kStepsMax) continue;
      std::fputs("the test world does not come to rest\n", stderr);
      std::abort();
    }
  }
  // To the next thing that is due, or to `target` if that is sooner.
  void MoveOn(Mono target) {
    Mono next = std::min(target, agenda.NextDue());
    for (const auto& [name, host] : hosts) {
      if (host.process != nullptr) next = std::min(next, host.process->due(clock.Now()));
    }
    clock.Advance(std::max(next - clock.Now(), absl::ZeroDuration()));
  }

  std::shared_ptr<NetworkCall> NewCall(const std::string& process, const MethodInfo& method,
                                       const google::protobuf::Message& request,
                                       const CallOptions& options) {
    auto call = std::make_shared<NetworkCall>();
    call->caller = Outside(options.from);
    call->to = process;
    call->method = &method;
    call->request = request.SerializeAsString();
    call->deadline = clock.Now() + options.deadline;
    call->metadata = options.metadata;
    return call;
  }

  const TempDir folder;
  Weather calm;
  MakeStores make_stores;
  HandClock clock;
  Random random;
  Agenda agenda{clock};
  Network network;
  std::map<std::string, Host> hosts;
  std::vector<std::unique_ptr<Process>> ended;  // nodes may still refer to them
  std::map<std::string, std::shared_ptr<Life>> outside;
};

TestWorld::TestWorld(Engine engine, uint64_t seed) : impl_(std::make_unique<Impl>(engine, seed)) {}

TestWorld::TestWorld(MakeStores make_stores, uint64_t seed, Weather& weather)
    : impl_(std::make_unique<Impl>(std::move(make_stores), seed, weather)) {}

TestWorld::~TestWorld() = default;

World TestWorld::world(const std::string& process) {
  Host& host = impl_->HostOf(process);
  if (host.process != nullptr && host.process->wire.shut_down()) {
    impl_->ended.push_back(std::move(host.process));
  }
  if (host.process == nullptr) {
    host.process =
        std::make_unique<Process>(impl_->network, impl_->agenda, impl_->clock, *host.stores,
                                  host.faults, std::make_shared<Life>(Life{.process = process}));
    host.process->clock.wall_offset = host.wall_offset;
  }
  return {.clock = host.process->clock,
          .executor = host.process->executor,
          .wire = host.process->wire,
          .stores = host.process->stores,
          .make_worker =
              [this, life = host.process->life] {
                return std::make_unique<TurnWorker>(impl_->agenda, life);
              },
          .random = [this] { return impl_->random.Next(); },
          .stop = [life = host.process->life] { life->stop_requested = true; }};
}

void TestWorld::Crash(const std::string& process) {
  Host& host = impl_->HostOf(process);
  if (host.process == nullptr) return;
  const std::shared_ptr<Life> life = host.process->life;
  life->alive = false;
  host.process->executor.Kill();
  host.process->wire.SetServing(false);
  impl_->network.Close(process, host.process->wire);
  impl_->network.Crash(life);
  impl_->agenda.DropAllOf(*life);
  impl_->ended.push_back(std::move(host.process));
}

void TestWorld::Die(const std::string& process) {
  Host& host = impl_->HostOf(process);
  if (host.process != nullptr) host.process->life->alive = false;
}

bool TestWorld::serving(const std::string& process) const {
  const auto it = impl_->hosts.find(process);
  return it != impl_->hosts.end() && it->second.process != nullptr &&
         it->second.process->wire.serving();
}

bool TestWorld::stopped(const std::string& process) const {
  const auto it = impl_->hosts.find(process);
  return it != impl_->hosts.end() && it->second.process != nullptr &&
         it->second.process->life->stop_requested;
}

absl::Time TestWorld::wall() const { return impl_->clock.Wall(); }

Mono TestWorld::now() const { return impl_->clock.Now(); }

void TestWorld::Advance(absl::Duration duration) {
  const Mono target = now() + duration;
  Run();
  while (now() < target) {
    impl_->MoveOn(target);
    Run();
  }
}

void TestWorld::StepWall(absl::Duration duration) { impl_->clock.StepWall(duration); }

void TestWorld::Run() { impl_->Run(); }

bool TestWorld::Step() { return impl_->Step(); }

bool TestWorld::StepUntil(Mono limit) {
  while (!impl_->Step()) {
    if (now() >= limit) return false;
    impl_->MoveOn(limit);
  }
  return true;
}

void TestWorld::SetWallOffset(const std::string& process, absl::Duration offset) {
  Host& host = impl_->HostOf(process);
  host.wall_offset = offset;
  if (host.process != nullptr) host.process->clock.wall_offset = offset;
}

void TestWorld::SetClockRate(const std::string& process, double rate) {
  Host& host = impl_->HostOf(process);
  if (host.process != nullptr) host.process->clock.SetRate(rate);
}

void TestWorld::Pause(const std::string& process, absl::Duration duration,
                      std::function<void()> on_held_up) {
  Host& host = impl_->HostOf(process);
  if (host.process == nullptr) return;
  host.process->life->paused_until = now() + duration;
  host.process->life->on_held_up = std::move(on_held_up);
}

void TestWorld::RunUntil(absl::AnyInvocable<bool()> done, absl::Duration limit) {
  const Mono target = now() + limit;
  Run();
  while (!done() && now() < target) {
    impl_->MoveOn(target);
    Run();
  }
}

const std::vector<CallRecord>& TestWorld::calls() const { return impl_->network.calls; }

void TestWorld::ForgetCalls() { impl_->network.calls.clear(); }

void TestWorld::Drop(const std::string& from, const std::string& to, Leg leg, int count) {
  impl_->network.Drop(from, to, leg, count);
}

void TestWorld::Hold(const std::string& from, const std::string& to, Leg leg) {
  impl_->network.Hold(from, to, leg);
}

void TestWorld::Release(const std::string& from, const std::string& to) {
  impl_->network.Release(from, to);
}

void TestWorld::FailNextCommits(const std::string& process, int count, store::Committed how,
                                bool applied, const std::string& service) {
  CommitFaults& faults = impl_->HostOf(process).faults;
  faults = {.count = count,
            .how = how,
            .applied = applied,
            .service = service,
            .draw = std::move(faults.draw),
            .delay = std::move(faults.delay)};
}

void TestWorld::DrawCommitFaults(const std::string& process,
                                 std::function<void(CommitFaults&)> draw,
                                 std::function<absl::Duration()> delay) {
  CommitFaults& faults = impl_->HostOf(process).faults;
  faults.draw = std::move(draw);
  faults.delay = std::move(delay);
}

absl::Status TestWorld::CallNowRaw(const std::string& process, const MethodInfo& method,
                                   const google::protobuf::Message& request,
                                   google::protobuf::Message* response) {
  const CallOptions options;
  auto ended = std::make_shared<std::optional<absl::Status>>();
  CallRaw(process, method, request, options, response,
          [ended](absl::Status status) { *ended = std::move(status); });
  RunUntil([&] { return ended->has_value(); }, options.deadline);
  return ended->value_or(absl::DeadlineExceededError("no answer"));
}

void TestWorld::After(absl::Duration delay, absl::AnyInvocable<void() &&> event) {
  impl_->agenda.PostAt(now() + delay, impl_->Outside("outside"), std::move(event));
}

void TestWorld::CallRaw(const std::string& process, const MethodInfo& method,
                        const google::protobuf::Message& request, const CallOptions& options,
                        google::protobuf::Message* response,
                        absl::AnyInvocable<void(absl::Status) &&> done) {
  auto call = impl_->NewCall(process, method, request, options);
  ExpectAnswer(*call, response, std::move(done));
  impl_->network.Start(std::move(call));
}

std::function<void()> TestWorld::OpenRaw(const std::string& process, const MethodInfo& method,
                                         const google::protobuf::Message& request,
                                         const CallOptions& options,
                                         absl::AnyInvocable<void(std::string_view)> on_message,
                                         absl::AnyInvocable<void(absl::Status) &&> on_end) {
  auto call = impl_->NewCall(process, method, request, options);
  call->on_message = std::move(on_message);
  call->on_end = std::move(on_end);
  impl_->network.Start(call);
  return [this, opened = std::weak_ptr<NetworkCall>(call)] {
    if (const auto still = opened.lock()) impl_->network.Cancel(still);
  };
}

}  // namespace seatsaga::testing
