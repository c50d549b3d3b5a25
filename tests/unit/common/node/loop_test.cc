#include "common/node/loop.h"

#include <optional>
#include <thread>

#include "tests/unit/common/node/loop_world.h"

// Batches, queues, wake-ups, timers, and the loop's beginning and end.
namespace seatsaga::testing {
namespace {

using Sizes = std::vector<size_t>;

TEST_CASE("loop: a caller is answered only after the commit, and then in the plan's order") {
  LoopWorldOfTest world;
  REQUIRE(world.loop.Start(world.executor).ok());
  const Caller& caller = world.Ask({.key = 7, .kind = Kind::kSend});
  world.executor.Turn();
  REQUIRE(*caller.value == 1);
  REQUIRE(world.journal ==
          Journal{"load", "decide 1", "durable", "remember", "send 1", "answer 1"});
  REQUIRE(world.Stored(7) == 1);
}

TEST_CASE("loop: what queues shares one transaction, and inputs see those before them") {
  LoopWorldOfTest world;
  world.Start();
  world.Ask({.key = 1});
  world.executor.Turn();
  for (int i = 0; i < 3; ++i) world.Ask({.key = 1});
  world.executor.Turn();
  REQUIRE(world.logic.sizes == Sizes{1, 3});
  REQUIRE(*world.callers[3].value == 4);
  REQUIRE(Journal(world.journal.end() - 6, world.journal.end()) ==
          Journal{"decide 2 3 4", "durable", "remember", "answer 2", "answer 3", "answer 4"});
  REQUIRE(world.loop.stats().batches == 2);
  REQUIRE(world.loop.stats().inputs == 4);
  REQUIRE(world.loop.stats().commit_failures == 0);
  REQUIRE(world.loop.stats().conflicts == 0);
}

TEST_CASE("loop: a batch takes no more than its limit, oldest first") {
  LoopWorldOfTest world({.queue_max = 100, .batch_max = 2});
  world.Start();
  for (int i = 0; i < 5; ++i) world.Ask({.key = 1});
  for (int i = 0; i < 3; ++i) {
    REQUIRE(world.executor.Wait() == Mono::InfinitePast());
    world.executor.Turn();
  }
  REQUIRE(world.executor.Wait() == Mono::InfiniteFuture());
  REQUIRE(world.logic.sizes == Sizes{2, 2, 1});
  for (int i = 0; i < 5; ++i) REQUIRE(*world.callers[static_cast<size_t>(i)].value == i + 1);
}

TEST_CASE("loop: later rounds of reads may depend on earlier ones, up to three") {
  LoopWorldOfTest world;
  for (int64_t i = 1; i <= 4; ++i) world.OtherWrites(i, i + 1);
  world.Start();
  world.Ask({.key = 1, .kind = Kind::kFollow});
  world.executor.Turn();
  REQUIRE(world.lane.reads == 3);
  REQUIRE(*world.callers[0].value == 4);  // 1, 2 and 3 were looked up
}

TEST_CASE("loop: a tick has fresh chance, and times in whole microseconds") {
  LoopWorldOfTest world;
  world.Start();
  world.Ask({});
  world.executor.Turn();
  world.Ask({});
  world.executor.Turn();
  REQUIRE(world.logic.ticks[0].wall == absl::FromUnixMicros(1'000'000));
  REQUIRE(world.logic.ticks[0].now == world.clock.Now());
  REQUIRE(world.logic.ticks[0].random != world.logic.ticks[1].random);
}

TEST_CASE("loop: an input that is neither answered nor parked is answered UNAVAILABLE") {
  LoopWorldOfTest world;
  world.Start();
  const Caller& caller = world.Ask({.kind = Kind::kIgnore});
  world.executor.Turn();
  REQUIRE(caller.unavailable());
}

TEST_CASE("loop: a full queue refuses and leaves the input, with its reply, untouched") {
  LoopWorldOfTest world({.queue_max = 2, .batch_max = 512});
  world.Start();
  world.Ask({});
  world.Ask({});
  Io::In input{.key = 9};
  Caller& third = world.NewCaller(input);
  Reply<int64_t> reply = third.MakeReply();
  REQUIRE_FALSE(world.loop.TryPush(std::move(input), std::move(reply)));
  REQUIRE(input.key == 9);
  REQUIRE(reply.pending());
  REQUIRE(world.loop.Refusal().code() == absl::StatusCode::kResourceExhausted);
  world.executor.Turn();
  REQUIRE(world.loop.TryPush(std::move(input), std::move(reply)));
  world.executor.Turn();
  REQUIRE(*third.value == 1);
}

TEST_CASE("loop: an answer to what this process started is never refused for a full queue") {
  LoopWorldOfTest world({.queue_max = 1, .batch_max = 512});
  world.Start();
  world.Ask({});
  for (int i = 0; i < 50; ++i) REQUIRE(world.loop.Push({.key = 3}));
  world.executor.Turn();
  REQUIRE(world.logic.sizes == Sizes{51});
  REQUIRE(world.Stored(3) == 50);
}

TEST_CASE("loop: inputs pushed by many threads are each decided once") {
  LoopWorldOfTest world({.queue_max = 100'000, .batch_max = 16});
  world.Start();
  constexpr int kThreads = 4;
  constexpr int64_t kEach = 500;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) (void)world.loop.Push({.key = 1});
    });
  }
  for (int i = 0; i < 20; ++i) world.executor.Turn();
  for (std::thread& thread : threads) thread.join();
  world.loop.Stop();
  REQUIRE(world.Stored(1) == kThreads * kEach);
  REQUIRE(world.loop.stats().inputs == kThreads * kEach);
}

// --- Wake-ups and timers

TEST_CASE("loop: it is due when something arrives, and wakes its executor only from a wait") {
  LoopWorldOfTest world;
  world.Start();
  REQUIRE(world.executor.task->PrepareWait() == Mono::InfiniteFuture());
  world.Ask({});
  world.Ask({});
  REQUIRE(world.executor.wakes == 1);
  world.executor.task->EndWait();
  REQUIRE(world.executor.Wait() == Mono::InfinitePast());
  world.Ask({});
  REQUIRE(world.executor.wakes == 1);
  world.executor.task->RunDue();
  REQUIRE(world.logic.sizes == Sizes{3});
  world.executor.task->RunDue();  // nothing to do
  REQUIRE(world.logic.sizes == Sizes{3});
}

TEST_CASE("loop: what nobody waits for causes no batch of its own, and joins the next one") {
  LoopWorldOfTest world;
  world.Start();
  REQUIRE(world.loop.PushDeferred({.key = 1}));
  const Mono due = world.executor.Wait();
  REQUIRE(due > world.clock.Now());
  REQUIRE(due < Mono::InfiniteFuture());
  world.executor.Turn();
  REQUIRE(world.logic.sizes.empty());
  world.Ask({.key = 1});
  REQUIRE(world.executor.Wait() == Mono::InfinitePast());
  world.executor.Turn();
  REQUIRE(world.logic.sizes == Sizes{2});
  REQUIRE(world.executor.Wait() == Mono::InfiniteFuture());
}

TEST_CASE("loop: what nobody waits for is decided in the end, and ends a longer wait") {
  LoopWorldOfTest world;
  world.Start();
  REQUIRE(world.executor.task->PrepareWait() == Mono::InfiniteFuture());
  REQUIRE(world.loop.PushDeferred({.key = 1}));
  REQUIRE(world.loop.PushDeferred({.key = 1}));
  REQUIRE(world.executor.wakes == 1);
  world.executor.task->EndWait();
  const Mono due = world.executor.Wait();
  world.clock.Advance(absl::Milliseconds(1));
  REQUIRE(world.loop.PushDeferred({.key = 1}));
  REQUIRE(world.executor.Wait() == due);  // the oldest counts
  world.clock.Advance(due - world.clock.Now());
  world.executor.Turn();
  REQUIRE(world.logic.sizes == Sizes{3});
}

TEST_CASE("loop: it wakes by itself, with an empty batch, when the logic wants it") {
  LoopWorldOfTest world;
  world.Start();
  world.logic.wake = world.clock.Now() + absl::Seconds(10);
  REQUIRE(world.executor.Wait() == world.logic.wake);
  world.executor.Turn();
  REQUIRE(world.logic.sizes.empty());
  world.clock.Advance(absl::Seconds(10));
  world.executor.Turn();
  REQUIRE(world.logic.sizes == Sizes{0});
}

TEST_CASE("loop: a wake in the future does not keep an input or a stop waiting") {
  LoopWorldOfTest world;
  world.Start();
  world.logic.wake = world.clock.Now() + absl::Hours(1000);
  const Caller& caller = world.Ask({});
  world.executor.Turn();
  REQUIRE(caller.value.ok());
  world.loop.Stop();
  REQUIRE(world.logic.sizes == Sizes{1});
}

// --- The beginning and the end

TEST_CASE("loop: a first load that fails is what starting returns, and nothing runs") {
  LoopWorldOfTest world;
  SECTION("in the logic") {
    world.logic.load_error = absl::DataLossError("cannot load");
    REQUIRE(world.loop.Start(world.executor).code() == absl::StatusCode::kDataLoss);
  }
  SECTION("in the store") {
    world.faults().SetConnected(false);
    REQUIRE(world.loop.Start(world.executor).code() == absl::StatusCode::kUnavailable);
  }
  REQUIRE(world.executor.task == nullptr);
  world.loop.Stop();
  REQUIRE(world.journal == Journal{"load"});
}

TEST_CASE("loop: what the first load planned runs in the first turn, or before it stops") {
  LoopWorldOfTest world;
  world.logic.plan_of_load = [](Plan<Io>& plan) { plan.sends = {5}; };
  REQUIRE(world.loop.Start(world.executor).ok());
  REQUIRE(world.journal == Journal{"load"});
  REQUIRE(world.executor.Wait() == Mono::InfinitePast());
  SECTION("turn") {
    world.executor.Turn();
    REQUIRE(world.journal == Journal{"load", "send 5"});
  }
  SECTION("stop") {
    world.loop.Stop();
    REQUIRE(world.journal == Journal{"load", "send 5", "close"});
  }
}

TEST_CASE("loop: one that never started answers UNAVAILABLE when it goes") {
  std::optional<LoopWorldOfTest> world;
  world.emplace();
  Journal journal;
  Caller caller(journal, 1);
  REQUIRE(world->loop.TryPush({}, caller.MakeReply()));
  world.reset();
  REQUIRE(caller.unavailable());
}

TEST_CASE("loop: stopping decides what has queued, deferred or not, and refuses what comes later") {
  LoopWorldOfTest world({.queue_max = 100, .batch_max = 2});
  world.Start();
  for (int i = 0; i < 3; ++i) world.Ask({.key = 1});
  REQUIRE(world.loop.PushDeferred({.key = 1}));
  world.loop.Stop();
  REQUIRE(world.executor.task == nullptr);
  REQUIRE(world.logic.sizes == Sizes{2, 2});
  REQUIRE(world.Stored(1) == 4);
  REQUIRE(*world.callers[2].value == 3);
  Io::In late{.key = 8};
  Caller& caller = world.NewCaller(late);
  Reply<int64_t> reply = caller.MakeReply();
  REQUIRE_FALSE(world.loop.TryPush(std::move(late), std::move(reply)));
  REQUIRE(reply.pending());
  REQUIRE_FALSE(world.loop.Push({}));
  REQUIRE_FALSE(world.loop.PushDeferred({}));
  REQUIRE(world.loop.Refusal().code() == absl::StatusCode::kUnavailable);
  const size_t events = world.journal.size();
  world.loop.Stop();
  REQUIRE(world.journal.size() == events);
}

TEST_CASE("loop: stopping only with what is deferred decides it") {
  LoopWorldOfTest world;
  world.Start();
  REQUIRE(world.loop.PushDeferred({.key = 1}));
  world.loop.Stop();
  REQUIRE(world.Stored(1) == 1);
}

// --- Replies that wait beyond their batch

TEST_CASE("loop: a parked reply is answered by a later batch") {
  LoopWorldOfTest world;
  world.Start();
  const Caller& parked = world.Ask({.key = 1, .kind = Kind::kPark, .ticket = 77});
  world.executor.Turn();
  REQUIRE_FALSE(parked.answered);
  world.Ask({.key = 2, .kind = Kind::kLate, .ticket = 76});  // nobody's
  world.executor.Turn();
  REQUIRE_FALSE(parked.answered);
  world.Ask({.key = 1, .kind = Kind::kLate, .ticket = 77});
  world.executor.Turn();
  REQUIRE(*parked.value == 2);
  world.Ask({.key = 1, .kind = Kind::kLate, .ticket = 77});  // no longer
  world.executor.Turn();
}

TEST_CASE("loop: a reply may be parked and answered by one batch") {
  LoopWorldOfTest world;
  world.Start();
  const Caller& parked = world.Ask({.key = 1, .kind = Kind::kPark, .ticket = 5});
  world.Ask({.key = 1, .kind = Kind::kLate, .ticket = 5});
  world.executor.Turn();
  REQUIRE(*parked.value == 2);
}

TEST_CASE("loop: closing answers what waits, and what it does not answer is UNAVAILABLE") {
  LoopWorldOfTest world;
  world.Start();
  world.logic.plan_of_close = [](Plan<Io>& plan) { plan.ReplyLate(1, int64_t{42}); };
  const Caller& known = world.Ask({.kind = Kind::kPark, .ticket = 1});
  const Caller& unknown = world.Ask({.kind = Kind::kPark, .ticket = 2});
  world.loop.Stop();
  REQUIRE(*known.value == 42);
  REQUIRE(unknown.unavailable());
}

}  // namespace
}  // namespace seatsaga::testing
