// Loops on the thread that polls gRPC.
#include "common/rpc/io_thread.h"

#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "common/node/loop.h"

namespace seatsaga {
namespace {

struct ThreadIo {
  struct In {};
  using Out = std::thread::id;
  struct Send {};
  struct Memory {};
};

// A store with nothing in it.
struct NoStore final : store::Lane {
  void Read(store::Rows&, absl::AnyInvocable<void() &&> then) override { std::move(then)(); }
  void Commit(const store::Fence*, store::Rows&,
              absl::AnyInvocable<void(store::CommitResult) &&> then) override {
    std::move(then)({});
  }
  void Abandon() override {}
  absl::Status Load(absl::FunctionRef<absl::Status(store::Snapshot&)>) override {
    return absl::OkStatus();
  }
  bool shared() const override { return false; }
};

// Answers each input with the thread that it was decided on.
struct WhichThread final : Logic<ThreadIo> {
  void Want(std::span<const In>, int, store::Rows&) const override {}
  void Decide(std::span<const In> inputs, store::Rows&, const Tick&,
              Plan<ThreadIo>& plan) const override {
    for (size_t i = 0; i < inputs.size(); ++i) plan.Reply(i, std::this_thread::get_id());
  }
  void Remember(ThreadIo::Memory&&) override {
    if (wake_after_ms > 0 && wakes++ == 0) woken.Notify();
  }
  absl::Status Load(store::Snapshot&, const Tick&, Plan<ThreadIo>&) override {
    return absl::OkStatus();
  }
  Mono NextWake() const override {
    return wakes == 0 && wake_after_ms > 0 ? start + absl::Milliseconds(wake_after_ms)
                                           : Mono::InfiniteFuture();
  }
  Mono start = SystemClock().Now();
  int wake_after_ms = 0;
  int wakes = 0;
  absl::Notification woken;
};

struct TestLoop {
  TestLoop() = default;
  NoStore store;
  WhichThread logic;
  Loop<ThreadIo> loop{{.clock = SystemClock(), .random = [] { return 0U; }, .on_fenced = [] {}},
                      store,
                      logic,
                      [](auto) {}};
};

std::thread::id Ask(TestLoop& test) {
  absl::Notification answered;
  std::thread::id id;
  REQUIRE(test.loop.TryPush({}, Reply<std::thread::id>([&](absl::StatusOr<std::thread::id> answer) {
                              if (answer.ok()) id = *answer;
                              answered.Notify();
                            })));
  answered.WaitForNotification();
  return id;
}

// An event that is there again as soon as it was handled.
class EndlessEvent final : public IoEvent {
 public:
  explicit EndlessEvent(IoThread& io) : queue_(*io.queue()) { Send(); }
  void OnEvent(bool /*ok*/) override {
    ++handled_;
    if (ending_) {
      ended_.Notify();
    } else {
      Send();
    }
  }
  // Waits until it has come for the last time.
  void End() {
    ending_ = true;
    ended_.WaitForNotification();
  }
  int64_t handled() const { return handled_; }

 private:
  void Send() {
    alarm_.Set(&queue_, gpr_inf_past(GPR_CLOCK_MONOTONIC), static_cast<IoEvent*>(this));
  }

  grpc::CompletionQueue& queue_;
  grpc::Alarm alarm_;
  std::atomic<int64_t> handled_ = 0;
  std::atomic<bool> ending_ = false;
  absl::Notification ended_;
};

TEST_CASE("events that never end do not keep a loop from its turn, and none is lost to it") {
  IoThread io;
  TestLoop test;
  REQUIRE(test.loop.Start(io).ok());
  EndlessEvent event(io);
  io.Start();
  int64_t before = 0;
  for (int turn = 0; turn < 3; ++turn) {
    Ask(test);
    REQUIRE(event.handled() > before);  // it would have been the one to be lost
    before = event.handled();
  }
  event.End();
  test.loop.Stop();
  io.Stop();
}

TEST_CASE("loops on the I/O thread share it, and are woken by other threads") {
  IoThread io;
  TestLoop first;
  TestLoop second;
  REQUIRE(first.loop.Start(io).ok());
  io.Start();
  REQUIRE(second.loop.Start(io).ok());  // also once it runs
  const std::thread::id thread = Ask(first);
  REQUIRE(thread != std::this_thread::get_id());
  for (int i = 0; i < 100; ++i) {
    REQUIRE(Ask(first) == thread);
    REQUIRE(Ask(second) == thread);
  }
  first.loop.Stop();
  REQUIRE(Ask(second) == thread);
  second.loop.Stop();
  io.Stop();
}

TEST_CASE("a loop on the I/O thread wakes up when its handler asked for it") {
  IoThread io;
  TestLoop test;
  test.logic.wake_after_ms = 1;
  io.Start();
  REQUIRE(test.loop.Start(io).ok());
  test.logic.woken.WaitForNotification();
  test.loop.Stop();
  io.Stop();
}

TEST_CASE("a loop stops cleanly when its host has ended or has never run") {
  TestLoop test;
  IoThread io;
  if (GENERATE(true, false)) io.Start();
  REQUIRE(test.loop.Start(io).ok());
  io.Stop();
  absl::Notification answered;
  REQUIRE(test.loop.TryPush({}, Reply<std::thread::id>([&](const absl::StatusOr<std::thread::id>&) {
                              answered.Notify();
                            })));
  test.loop.Stop();
  REQUIRE(answered.HasBeenNotified());
}

}  // namespace
}  // namespace seatsaga
