#include "common/batch_loop.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"

namespace seatsaga {
namespace {

// What happened, in order, from any thread.
class Journal {
 public:
  void Add(std::string event) {
    const absl::MutexLock lock(&mutex_);
    events_.push_back(std::move(event));
  }
  std::vector<std::string> events() {
    const absl::MutexLock lock(&mutex_);
    return events_;
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::string> events_;
};

class FakeTransactions final : public Transactions {
 public:
  explicit FakeTransactions(Journal& journal) : journal_(journal) {}
  void Begin() override { journal_.Add("begin"); }
  absl::Status Commit() override {
    if (fail_next > 0) {
      --fail_next;
      journal_.Add("commit failed");
      return absl::ResourceExhaustedError("disk full");
    }
    journal_.Add("commit");
    return absl::OkStatus();
  }
  int fail_next = 0;  // set before Start, or by the writer thread

 private:
  Journal& journal_;
};

struct Input {
  int number = 0;
  Reply<int> reply;
  absl::Notification* started = nullptr;  // told when it is applied
  absl::Notification* hold = nullptr;     // applying it waits for this
  bool fail_commit = false;
};

class RecordingHandler final : public BatchHandler<Input> {
 public:
  RecordingHandler(Journal& journal, FakeTransactions& transactions)
      : journal_(journal), transactions_(transactions) {}

  absl::Status Load(absl::Time, AfterCommit& after) override {
    journal_.Add("load");
    ++loads;
    if (loads <= loads_failing_until && loads >= loads_failing_from) {
      return absl::DataLossError("cannot load");
    }
    after.Then([this] { journal_.Add("recovered work"); });
    return absl::OkStatus();
  }
  void Apply(std::vector<Input>& batch, absl::Time, AfterCommit& after) override {
    sizes.push_back(batch.size());
    if (batch.empty()) {
      wake = absl::InfiniteFuture();
      journal_.Add("apply nothing");
      after.Then([this] { woken.Notify(); });
    }
    for (Input& input : batch) {
      if (input.started != nullptr) input.started->Notify();
      if (input.hold != nullptr) input.hold->WaitForNotification();
      if (input.fail_commit) transactions_.fail_next = 1;
      journal_.Add("apply " + std::to_string(input.number));
      after.Answer<int>(std::move(input.reply), input.number);
    }
  }
  absl::Time NextWake() const override { return wake; }

  int loads = 0;
  int loads_failing_from = 0;
  int loads_failing_until = -1;
  absl::Time wake = absl::InfiniteFuture();
  absl::Notification woken;
  std::vector<size_t> sizes;

 private:
  Journal& journal_;
  FakeTransactions& transactions_;
};

// A caller: the answer that it got.
class Caller {
 public:
  Caller(Journal& journal, int number) : journal_(journal), number_(number) {}
  Input Ask() {
    return {.number = number_,
            .reply = Reply<int>([this](absl::StatusOr<int> answer) {
              journal_.Add((answer.ok() ? "answer " : "drop ") + std::to_string(number_));
              answer_ = std::move(answer);
              answered_.Notify();
            })};
  }
  const absl::StatusOr<int>& Wait() {
    answered_.WaitForNotification();
    return answer_;
  }
  bool answered() const { return answered_.HasBeenNotified(); }

 private:
  Journal& journal_;
  const int number_;
  absl::Notification answered_;
  absl::StatusOr<int> answer_;
};

struct World {
  explicit World(BatchLoopLimits limits = {}) : loop(transactions, handler, limits) {}
  Caller& NewCaller() {
    callers.push_back(std::make_unique<Caller>(journal, static_cast<int>(callers.size()) + 1));
    return *callers.back();
  }
  // Keeps the writer busy until `release` is notified.
  void HoldWriter() {
    Input input;
    input.started = &held;
    input.hold = &release;
    REQUIRE(loop.TryPush(std::move(input)));
    held.WaitForNotification();
  }

  Journal journal;
  FakeTransactions transactions{journal};
  RecordingHandler handler{journal, transactions};
  absl::Notification held;
  absl::Notification release;
  std::vector<std::unique_ptr<Caller>> callers;
  BatchLoop<Input> loop;
};

TEST_CASE("a caller is answered only after the commit") {
  World world;
  REQUIRE(world.loop.Start().ok());
  Caller& caller = world.NewCaller();
  REQUIRE(world.loop.TryPush(caller.Ask()));
  REQUIRE(*caller.Wait() == 1);
  REQUIRE(world.journal.events() == std::vector<std::string>{"begin", "load", "commit",
                                                             "recovered work", "begin", "apply 1",
                                                             "commit", "answer 1"});
}

TEST_CASE("what queues while a batch is applied shares the next transaction") {
  World world;
  REQUIRE(world.loop.Start().ok());
  world.HoldWriter();
  for (int i = 0; i < 3; ++i) REQUIRE(world.loop.TryPush(world.NewCaller().Ask()));
  world.release.Notify();
  world.loop.Stop();
  REQUIRE(world.handler.sizes == std::vector<size_t>{1, 3});
  const auto events = world.journal.events();
  REQUIRE(std::vector<std::string>(events.end() - 8, events.end()) ==
          std::vector<std::string>{"begin", "apply 1", "apply 2", "apply 3", "commit", "answer 1",
                                   "answer 2", "answer 3"});
  REQUIRE(world.loop.stats().batches == 2);
  REQUIRE(world.loop.stats().inputs == 4);
  REQUIRE(world.loop.stats().commit_failures == 0);
}

TEST_CASE("a batch takes no more than its limit, oldest first") {
  World world({.queue_max = 100, .batch_max = 2});
  REQUIRE(world.loop.Start().ok());
  world.HoldWriter();
  for (int i = 0; i < 5; ++i) REQUIRE(world.loop.TryPush(world.NewCaller().Ask()));
  world.release.Notify();
  world.loop.Stop();
  REQUIRE(world.handler.sizes == std::vector<size_t>{1, 2, 2, 1});
  std::vector<std::string> answers;
  for (const std::string& event : world.journal.events()) {
    if (event.starts_with("answer ")) answers.push_back(event);
  }
  REQUIRE(answers ==
          std::vector<std::string>{"answer 1", "answer 2", "answer 3", "answer 4", "answer 5"});
}

TEST_CASE("a failed commit answers UNAVAILABLE, then the loop reloads and works on") {
  World world;
  REQUIRE(world.loop.Start().ok());
  Caller& first = world.NewCaller();
  Input failing = first.Ask();
  failing.fail_commit = true;
  REQUIRE(world.loop.TryPush(std::move(failing)));
  REQUIRE(first.Wait().status().code() == absl::StatusCode::kUnavailable);
  Caller& second = world.NewCaller();
  REQUIRE(world.loop.TryPush(second.Ask()));
  REQUIRE(*second.Wait() == 2);
  REQUIRE(world.journal.events() ==
          std::vector<std::string>{"begin", "load", "commit", "recovered work",    //
                                   "begin", "apply 1", "commit failed", "drop 1",  //
                                   "begin", "load", "commit", "recovered work",    //
                                   "begin", "apply 2", "commit", "answer 2"});
  REQUIRE(world.loop.stats().commit_failures == 1);
}

TEST_CASE("while the reload fails every input is refused unapplied, and then served again") {
  World world;
  world.handler.loads_failing_from = 2;
  world.handler.loads_failing_until = 3;
  REQUIRE(world.loop.Start().ok());
  Caller& first = world.NewCaller();
  Input failing = first.Ask();
  failing.fail_commit = true;
  REQUIRE(world.loop.TryPush(std::move(failing)));
  REQUIRE_FALSE(first.Wait().ok());
  // Each push lets the loop try again; which of them meets the mended database depends on its
  // timer.
  int refused = 0;
  for (bool served = false; !served;) {
    Caller& next = world.NewCaller();
    REQUIRE(world.loop.TryPush(next.Ask()));
    served = next.Wait().ok();
    if (!served) {
      ++refused;
      REQUIRE(next.Wait().status().code() == absl::StatusCode::kUnavailable);
    }
  }
  world.loop.Stop();
  REQUIRE(refused <= 2);
  REQUIRE(world.handler.loads == 4);
  REQUIRE(world.handler.sizes == std::vector<size_t>{1, 1});
}

TEST_CASE("a full queue refuses and leaves the input, with its reply, untouched") {
  World world({.queue_max = 2, .batch_max = 512});
  REQUIRE(world.loop.Start().ok());
  world.HoldWriter();
  REQUIRE(world.loop.TryPush(world.NewCaller().Ask()));
  REQUIRE(world.loop.TryPush(world.NewCaller().Ask()));
  Caller& third = world.NewCaller();
  Input input = third.Ask();
  REQUIRE_FALSE(world.loop.TryPush(std::move(input)));
  REQUIRE(input.number == 3);
  REQUIRE(input.reply.pending());
  REQUIRE_FALSE(third.answered());
  input.reply.Send(OverloadedError());
  REQUIRE(third.Wait().status().code() == absl::StatusCode::kResourceExhausted);
  world.release.Notify();
}

TEST_CASE("an answer to what this process started is never refused for a full queue") {
  World world({.queue_max = 1, .batch_max = 512});
  REQUIRE(world.loop.Start().ok());
  world.HoldWriter();
  for (int i = 0; i < 50; ++i) REQUIRE(world.loop.Push(world.NewCaller().Ask()));
  world.release.Notify();
  for (const auto& caller : world.callers) REQUIRE(caller->Wait().ok());
}

TEST_CASE("stopping applies what has queued and refuses what comes later") {
  World world;
  REQUIRE(world.loop.Start().ok());
  world.HoldWriter();
  Caller& queued = world.NewCaller();
  REQUIRE(world.loop.TryPush(queued.Ask()));
  world.release.Notify();
  world.loop.Stop();
  REQUIRE(queued.answered());
  REQUIRE(*queued.Wait() == 1);
  Input late = world.NewCaller().Ask();
  REQUIRE_FALSE(world.loop.TryPush(std::move(late)));
  REQUIRE_FALSE(world.loop.Push(std::move(late)));
  REQUIRE(late.reply.pending());
  world.loop.Stop();
}

TEST_CASE("the loop wakes by itself, with an empty batch, when the handler wants it") {
  World world;
  world.handler.wake = absl::Now();
  REQUIRE(world.loop.Start().ok());
  world.handler.woken.WaitForNotification();
  world.loop.Stop();
  REQUIRE(world.handler.sizes == std::vector<size_t>{0});
}

TEST_CASE("a wake in the future does not keep an input or a stop waiting") {
  World world;
  world.handler.wake = absl::Now() + absl::Hours(1000);
  REQUIRE(world.loop.Start().ok());
  Caller& caller = world.NewCaller();
  REQUIRE(world.loop.TryPush(caller.Ask()));
  REQUIRE(caller.Wait().ok());
  world.loop.Stop();
  REQUIRE(world.handler.sizes == std::vector<size_t>{1});
}

TEST_CASE("a first load that cannot be committed is what starting returns") {
  World world;
  world.transactions.fail_next = 1;
  REQUIRE(world.loop.Start().code() == absl::StatusCode::kResourceExhausted);
}

TEST_CASE("a first load that fails is what starting returns, and nothing runs") {
  World world;
  world.handler.loads_failing_from = 1;
  world.handler.loads_failing_until = 1;
  REQUIRE(world.loop.Start().code() == absl::StatusCode::kDataLoss);
  REQUIRE(world.journal.events() == std::vector<std::string>{"begin", "load"});
  world.loop.Stop();
}

TEST_CASE("a loop that never started answers UNAVAILABLE when it goes") {
  Journal journal;
  FakeTransactions transactions(journal);
  RecordingHandler handler(journal, transactions);
  Caller caller(journal, 1);
  {
    BatchLoop<Input> loop(transactions, handler);
    REQUIRE(loop.TryPush(caller.Ask()));
  }
  REQUIRE(caller.Wait().status().code() == absl::StatusCode::kUnavailable);
  REQUIRE(handler.sizes.empty());
}

TEST_CASE("inputs pushed by many threads are each applied once") {
  World world({.queue_max = 100'000, .batch_max = 16});
  REQUIRE(world.loop.Start().ok());
  constexpr int kThreads = 4;
  constexpr int kEach = 500;
  std::atomic<int> sum = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 1; i <= kEach; ++i) {
        Input input{.number = i, .reply = Reply<int>([&](absl::StatusOr<int> answer) {
                                   sum += answer.value_or(0);
                                 })};
        (void)world.loop.Push(std::move(input));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  world.loop.Stop();
  REQUIRE(sum == kThreads * kEach * (kEach + 1) / 2);
  REQUIRE(world.loop.stats().inputs == kThreads * kEach);
}

// A host that does what the test says, when it says so.
class ManualHost final : public LoopHost {
 public:
  void Attach(LoopGuest& given) override { guest = &given; }
  void Detach(LoopGuest&) override { guest = nullptr; }
  void Wake() override { ++wakes; }

  absl::Time Wait() {
    const absl::Time until = guest->PrepareWait();
    guest->EndWait();
    return until;
  }

  LoopGuest* guest = nullptr;
  int wakes = 0;
};

struct HostedWorld : World {
  HostedWorld() {
    REQUIRE(loop.Start(host).ok());
    REQUIRE(host.Wait() == absl::InfinitePast());  // what recovery left to be done
    host.guest->RunDue();
    REQUIRE(handler.sizes.empty());
  }

  ManualHost host;
};

TEST_CASE("a hosted loop asks to be run when something arrives, and is woken only from a wait") {
  HostedWorld world;
  REQUIRE(world.host.guest->PrepareWait() == absl::InfiniteFuture());
  REQUIRE(world.loop.TryPush(world.NewCaller().Ask()));
  REQUIRE(world.loop.TryPush(world.NewCaller().Ask()));
  REQUIRE(world.host.wakes == 1);
  world.host.guest->EndWait();
  REQUIRE(world.host.Wait() == absl::InfinitePast());
  REQUIRE(world.loop.TryPush(world.NewCaller().Ask()));
  REQUIRE(world.host.wakes == 1);
  world.host.guest->RunDue();
  REQUIRE(world.handler.sizes == std::vector<size_t>{3});
  world.host.guest->RunDue();  // nothing to do
  REQUIRE(world.handler.sizes == std::vector<size_t>{3});
}

TEST_CASE("what nobody waits for causes no batch of its own, and joins the next one") {
  HostedWorld world;
  const absl::Time before = absl::Now();
  REQUIRE(world.loop.PushUnhurried(world.NewCaller().Ask()));
  const absl::Time due = world.host.Wait();
  REQUIRE(due > before);
  REQUIRE(due < absl::InfiniteFuture());
  REQUIRE(world.loop.TryPush(world.NewCaller().Ask()));
  REQUIRE(world.host.Wait() == absl::InfinitePast());
  world.host.guest->RunDue();
  REQUIRE(world.handler.sizes == std::vector<size_t>{2});
  REQUIRE(world.host.Wait() == absl::InfiniteFuture());
}

TEST_CASE("what nobody waits for is applied in the end, and wakes a host that waits for longer") {
  HostedWorld world;
  REQUIRE(world.host.guest->PrepareWait() == absl::InfiniteFuture());
  Caller& caller = world.NewCaller();
  REQUIRE(world.loop.PushUnhurried(caller.Ask()));
  REQUIRE(world.host.wakes == 1);
  world.host.guest->EndWait();
  while (!caller.answered()) {
    REQUIRE(world.host.Wait() < absl::InfiniteFuture());
    world.host.guest->RunDue();
  }
  REQUIRE(world.handler.sizes == std::vector<size_t>{1});
}

TEST_CASE("stopping applies also what nobody waits for") {
  HostedWorld world;
  Caller& caller = world.NewCaller();
  REQUIRE(world.loop.PushUnhurried(caller.Ask()));
  world.loop.Stop();
  REQUIRE(*caller.Wait() == 1);
  REQUIRE_FALSE(world.loop.PushUnhurried(world.NewCaller().Ask()));
}

}  // namespace
}  // namespace seatsaga
