// Batch loops on the thread that polls gRPC.
#include "common/rpc/io_thread.h"

#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "common/batch_loop.h"

namespace seatsaga {
namespace {

struct NoTransactions final : Transactions {
  void Begin() override {}
  absl::Status Commit() override { return absl::OkStatus(); }
};

// Answers each question with the thread that it was applied on.
struct WhichThread final : BatchHandler<Reply<std::thread::id>> {
  absl::Status Load(absl::Time, AfterCommit&) override { return absl::OkStatus(); }
  void Apply(std::vector<Reply<std::thread::id>>& batch, absl::Time, AfterCommit& after) override {
    for (auto& reply : batch) {
      after.Answer<std::thread::id>(std::move(reply), std::this_thread::get_id());
    }
    if (wake_after_ms > 0 && wakes++ == 0) woken.Notify();
  }
  absl::Time NextWake() const override {
    return wakes == 0 && wake_after_ms > 0 ? start + absl::Milliseconds(wake_after_ms)
                                           : absl::InfiniteFuture();
  }
  absl::Time start = absl::Now();
  int wake_after_ms = 0;
  int wakes = 0;
  absl::Notification woken;
};

std::thread::id Ask(BatchLoop<Reply<std::thread::id>>& loop) {
  absl::Notification answered;
  std::thread::id id;
  REQUIRE(loop.TryPush(Reply<std::thread::id>([&](absl::StatusOr<std::thread::id> answer) {
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
  NoTransactions transactions;
  WhichThread handler;
  BatchLoop<Reply<std::thread::id>> loop(transactions, handler);
  REQUIRE(loop.Start(io).ok());
  EndlessEvent event(io);
  io.Start();
  int64_t before = 0;
  for (int turn = 0; turn < 3; ++turn) {
    Ask(loop);
    REQUIRE(event.handled() > before);  // it would have been the one to be lost
    before = event.handled();
  }
  event.End();
  loop.Stop();
  io.Stop();
}

TEST_CASE("loops on the I/O thread share it, and are woken by other threads") {
  IoThread io;
  NoTransactions transactions;
  WhichThread first_handler;
  WhichThread second_handler;
  BatchLoop<Reply<std::thread::id>> first(transactions, first_handler);
  BatchLoop<Reply<std::thread::id>> second(transactions, second_handler);
  REQUIRE(first.Start(io).ok());
  io.Start();
  REQUIRE(second.Start(io).ok());  // also once it runs
  const std::thread::id thread = Ask(first);
  REQUIRE(thread != std::this_thread::get_id());
  for (int i = 0; i < 100; ++i) {
    REQUIRE(Ask(first) == thread);
    REQUIRE(Ask(second) == thread);
  }
  first.Stop();
  REQUIRE(Ask(second) == thread);
  second.Stop();
  io.Stop();
}

TEST_CASE("a loop on the I/O thread wakes up when its handler asked for it") {
  IoThread io;
  NoTransactions transactions;
  WhichThread handler;
  handler.wake_after_ms = 1;
  BatchLoop<Reply<std::thread::id>> loop(transactions, handler);
  io.Start();
  REQUIRE(loop.Start(io).ok());
  handler.woken.WaitForNotification();
  loop.Stop();
  io.Stop();
}

TEST_CASE("a loop stops cleanly when its host has ended or has never run") {
  NoTransactions transactions;
  WhichThread handler;
  BatchLoop<Reply<std::thread::id>> loop(transactions, handler);
  IoThread io;
  if (GENERATE(true, false)) io.Start();
  REQUIRE(loop.Start(io).ok());
  io.Stop();
  absl::Notification answered;
  REQUIRE(loop.TryPush(
      Reply<std::thread::id>([&](const absl::StatusOr<std::thread::id>&) { answered.Notify(); })));
  loop.Stop();
  REQUIRE(answered.HasBeenNotified());
}

}  // namespace
}  // namespace seatsaga
