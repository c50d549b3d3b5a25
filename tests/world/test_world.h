#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/node/world.h"
#include "common/store/lane.h"
#include "common/wire/method.h"

// Any number of processes in one thread: no sockets, threads, sleeps or real clock. What happens
// happens one at a time, in an order that is the same in every run with the same seed.
//
//   TestWorld test(Engine::kModel);
//   SeatNode node(test.world("seat_svc"), ...);
//   REQUIRE(node.Start().ok());
//   absl::StatusOr<GetEventResponse> event = test.CallNow("seat_svc", seat::kGetEvent, request);
namespace seatsaga::testing {

enum class Engine {
  kModel,   // common/store/model.h: rows in memory
  kSqlite,  // files in a temporary folder
};

// Which half of a call.
enum class Leg { kRequest, kAnswer };

class Weather;        // network.h
struct CommitFaults;  // faulty_stores.h

struct CallOptions {
  absl::Duration deadline = absl::Seconds(10);
  std::map<std::string, std::string> metadata = {};
  std::string from = "client";
};

// A call as it was made, be it answered or lost.
struct CallRecord {
  std::string from;
  std::string to;
  std::string method;  // "ExecuteSeatCommands"

  friend bool operator==(const CallRecord&, const CallRecord&) = default;
};

// The answer to a call, once it is there. A handle: copies are of the same call.
template <class Response>
class Pending {
 public:
  bool answered() const { return answer_->has_value(); }
  // Must have been answered.
  const absl::StatusOr<Response>& operator*() const { return answer_->value(); }
  const absl::StatusOr<Response>* operator->() const { return &answer_->value(); }

 private:
  friend class TestWorld;
  std::shared_ptr<std::optional<absl::StatusOr<Response>>> answer_ =
      std::make_shared<std::optional<absl::StatusOr<Response>>>();
};

// What a stream has brought so far. A handle.
template <class Response>
class Received {
 public:
  const std::vector<Response>& messages() const { return state_->messages; }
  // How the stream ended; none while it is open.
  const std::optional<absl::Status>& end() const { return state_->end; }
  // Reads no more: to the server its client has gone.
  void Cancel() {
    std::exchange(state_->cancel, [] {})();
  }

 private:
  friend class TestWorld;
  struct State {
    std::function<void()> cancel = [] {};
    std::vector<Response> messages;
    std::optional<absl::Status> end;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// Not thread-safe. Outlives the nodes in it.
class TestWorld {
 public:
  // Tests hold each other's messages up to here.
  static constexpr int kAll = 1 << 30;

  explicit TestWorld(Engine engine, uint64_t seed = 1);
  // With stores of the caller's making, one set per process, and weather.
  using MakeStores = std::function<std::unique_ptr<store::Stores>(const std::string& process)>;
  TestWorld(MakeStores make_stores, uint64_t seed, Weather& weather);
  ~TestWorld();

  // --- Processes

  // The world of one process, by its name: its wire serves under this name, and its stores outlive
  // its crashes. After a crash or the Shutdown of its wire a fresh one on the same stores.
  World world(const std::string& process);
  // Kills it: nothing of it runs, writes or sends any more, what had queued from and to it is lost,
  // and calls to it end UNAVAILABLE. Destroy its node right after, and not before: a node that is
  // destroyed finishes its work.
  void Crash(const std::string& process);
  // From now on nothing of it gets out any more. To be followed by Crash, which may not be possible
  // here: inside a call of the process'.
  void Die(const std::string& process);
  // Whether its health service says SERVING; false when it does not run.
  bool serving(const std::string& process) const;
  // Whether it called World::stop.
  bool stopped(const std::string& process) const;

  // --- Time

  absl::Time wall() const;
  Mono now() const;
  // Moves both clocks from one thing that is due to the next, running everything.
  void Advance(absl::Duration duration);
  // The wall clock alone steps, forwards or backwards. Runs nothing.
  void StepWall(absl::Duration duration);
  // Runs everything that moves without the clock. Not from inside a turn or a handler.
  void Run();
  // Runs one thing: a message's arrival, a query, or one process' turn. False when nothing was
  // left.
  bool Step();
  // Runs one thing, moving both clocks to it, but not beyond `limit`. False once they are there.
  bool StepUntil(Mono limit);

  // --- A process' own time

  // Its wall clock is so far ahead of the world's, also after a restart.
  void SetWallOffset(const std::string& process, absl::Duration offset);
  // Its monotonic clock runs so fast until its next restart.
  void SetClockRate(const std::string& process, double rate);
  // For so long nothing of it runs, and it hears nothing. `on_held_up` is told at most once: that
  // something is to happen to it, and waits.
  void Pause(const std::string& process, absl::Duration duration,
             std::function<void()> on_held_up = nullptr);

  // --- Calls from outside

  // Makes a call; Run or Advance bring its answer.
  template <class Request, class Response>
  auto Call(const std::string& process, const Method<Request, Response>& method,
            const std::type_identity_t<Request>& request, CallOptions options = {}) {
    using Message = typename seatsaga::internal::MessageIn<Response>::Type;
    Pending<Message> pending;
    auto response = std::make_unique<Message>();
    google::protobuf::Message* out = response.get();
    CallRaw(process, method.info(), request, options, out,
            [answer = pending.answer_, response = std::move(response)](absl::Status status) {
              if (status.ok()) {
                answer->emplace(std::move(*response));
              } else {
                answer->emplace(std::move(status));
              }
            });
    return pending;
  }
  // Makes a call and brings its answer: moves the clocks only if there is none without, and at most
  // to the deadline.
  template <class Request, class Response>
  auto CallNow(const std::string& process, const Method<Request, Response>& method,
               const std::type_identity_t<Request>& request, CallOptions options = {}) {
    const absl::Duration deadline = options.deadline;
    const auto pending = Call(process, method, request, std::move(options));
    RunUntil([&] { return pending.answered(); }, deadline);
    return *pending;
  }
  // Opens a stream; Run and Advance bring its messages.
  template <class Request, class Response>
  Received<Response> Open(const std::string& process,
                          const StreamingMethod<Request, Response>& method,
                          const std::type_identity_t<Request>& request, CallOptions options = {}) {
    Received<Response> received;
    received.state_->cancel = OpenRaw(
        process, method.info(), request, options,
        [state = received.state_](std::string_view bytes) {
          state->messages.emplace_back().ParseFromArray(bytes.data(),
                                                        static_cast<int>(bytes.size()));
        },
        [state = received.state_](absl::Status end) { state->end = std::move(end); });
    return received;
  }

  // Every call so far, from outside and between processes, in order.
  const std::vector<CallRecord>& calls() const;
  void ForgetCalls();

  // --- Trouble

  // The next `count` requests of `from` to `to`, or answers to them, are lost, and the connection
  // with them: the caller's call ends UNAVAILABLE. Of a lost answer the request has had its effect.
  void Drop(const std::string& from, const std::string& to, Leg leg, int count = kAll);
  // From now on they wait on the way until Release; the caller meanwhile until its deadline.
  void Hold(const std::string& from, const std::string& to, Leg leg);
  // Ends Drop and Hold between the two; what was held arrives, in order.
  void Release(const std::string& from, const std::string& to);

  // The next `count` commits of the process that write something end as `how` says; with `applied`
  // (only if kInDoubt) although they are durable. `service`: only of this store of several.
  void FailNextCommits(const std::string& process, int count, store::Committed how,
                       bool applied = false, const std::string& service = "");
  // Lets `draw` decide before each commit of the process that writes something, and `delay`, unless
  // null, how long each commit takes to reach the store.
  void DrawCommitFaults(const std::string& process, std::function<void(CommitFaults&)> draw,
                        std::function<absl::Duration()> delay = nullptr);

  // CallNow, for what is typed elsewhere.
  absl::Status CallNowRaw(const std::string& process, const MethodInfo& method,
                          const google::protobuf::Message& request,
                          google::protobuf::Message* response);

  // Runs `event` after a while, whatever crashes meanwhile.
  void After(absl::Duration delay, absl::AnyInvocable<void() &&> event);

 private:
  void CallRaw(const std::string& process, const MethodInfo& method,
               const google::protobuf::Message& request, const CallOptions& options,
               google::protobuf::Message* response, absl::AnyInvocable<void(absl::Status) &&> done);
  // Returns how to cancel it.
  std::function<void()> OpenRaw(const std::string& process, const MethodInfo& method,
                                const google::protobuf::Message& request,
                                const CallOptions& options,
                                absl::AnyInvocable<void(std::string_view)> on_message,
                                absl::AnyInvocable<void(absl::Status) &&> on_end);
  void RunUntil(absl::AnyInvocable<bool()> done, absl::Duration limit);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace seatsaga::testing
