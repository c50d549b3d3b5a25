#include <algorithm>
#include <vector>

#include "common/errors.h"
#include "tests/unit/common/node/loop_world.h"

// Commits that end otherwise than durable, and commits that end late.
namespace seatsaga::testing {
namespace {

using store::Ending;
using Sizes = std::vector<size_t>;

// --- Failures

TEST_CASE("loop: a failed commit answers UNAVAILABLE, then the loop reloads and works on") {
  LoopWorldOfTest world;
  world.Start();
  world.faults().EndNextCommits(Ending::kNothing);
  const Caller& first = world.Ask({.key = 1, .kind = Kind::kSend});
  world.executor.Turn();
  REQUIRE(first.unavailable());
  const Caller& second = world.Ask({.key = 1});
  world.executor.Turn();
  REQUIRE(*second.value == 1);
  REQUIRE(world.journal == Journal{"decide 1", "nothing", "drop 1",  //
                                   "load", "decide 2", "durable", "remember", "answer 2"});
  REQUIRE(world.loop.stats().commit_failures == 1);
}

TEST_CASE("loop: it tells when its store stops working, and when it works again") {
  LoopWorldOfTest world;
  world.Start();
  world.Ask({});
  world.executor.Turn();
  REQUIRE(world.health.empty());
  world.faults().EndNextCommits(Ending::kNothing, 2);
  world.Ask({});
  world.executor.Turn();
  REQUIRE(world.health == std::vector<bool>{false});
  world.Ask({});
  world.executor.Turn();  // reloads, and fails again
  world.Ask({});
  world.executor.Turn();
  REQUIRE(world.health == std::vector<bool>{false, true, false, true});
}

TEST_CASE("loop: a store that says why it does not work is quoted by its reason alone") {
  LoopWorldOfTest world;
  world.Start();
  world.faults().EndNextCommits(Ending::kNothing);
  world.Ask({});
  world.executor.Turn();
  world.logic.load_error =
      MakeError(absl::StatusCode::kUnavailable, "STORE_FILES_LOST", "/data/seats.db is gone");
  world.Ask({});
  world.executor.Turn();
  const Caller& refused = world.Ask({});
  world.executor.Turn();
  REQUIRE(refused.unavailable());
  REQUIRE(ReasonOf(refused.value.status()) == "STORE_FILES_LOST");
  REQUIRE_FALSE(refused.said("/data"));
  REQUIRE(RetryDelayOf(refused.value.status(), absl::ZeroDuration()) > absl::ZeroDuration());
}

TEST_CASE("loop: what a reload planned is done before the batch that caused it") {
  LoopWorldOfTest world;
  world.Start();
  world.faults().EndNextCommits(Ending::kNothing);
  world.Ask({});
  world.executor.Turn();
  world.logic.plan_of_load = [](Plan<Io>& plan) { plan.sends = {9}; };
  world.journal.clear();
  world.Ask({});
  world.executor.Turn();
  REQUIRE(world.journal ==
          Journal{"load", "send 9", "decide 2", "durable", "remember", "answer 2"});
}

TEST_CASE("loop: while the reload fails every input is refused undecided, and then served again") {
  LoopWorldOfTest world;
  world.Start();
  world.faults().EndNextCommits(Ending::kNothing);
  world.Ask({});
  world.executor.Turn();
  world.logic.load_error = absl::UnavailableError("not yet");
  world.logic.plan_of_load = [](Plan<Io>& plan) { plan.sends = {1}; };
  const Caller& refused = world.Ask({});
  world.executor.Turn();
  REQUIRE(refused.unavailable());
  world.logic.load_error = absl::OkStatus();
  world.faults().SetConnected(false);
  const Caller& also_refused = world.Ask({});
  world.executor.Turn();
  REQUIRE(also_refused.unavailable());
  REQUIRE(world.logic.sizes == Sizes{1});
  REQUIRE(std::count(world.journal.begin(), world.journal.end(), "send 1") == 0);
  world.faults().SetConnected(true);
  const Caller& served = world.Ask({});
  world.executor.Turn();
  REQUIRE(served.value.ok());
}

TEST_CASE("loop: after a failed commit it reloads by itself, however often it is woken before") {
  LoopWorldOfTest world;
  world.Start();
  world.faults().EndNextCommits(Ending::kNothing);
  world.Ask({});
  world.executor.Turn();
  world.journal.clear();
  const Mono due = world.executor.Wait();
  REQUIRE(due > world.clock.Now());
  REQUIRE(due < Mono::InfiniteFuture());
  world.clock.Advance((due - world.clock.Now()) / 2);
  REQUIRE(world.executor.Wait() == due);
  world.executor.Turn();
  REQUIRE(world.journal.empty());
  world.clock.Advance(due - world.clock.Now());
  world.logic.load_error = absl::UnavailableError("not yet");
  world.executor.Turn();
  REQUIRE(world.journal == Journal{"load"});
  REQUIRE(world.executor.Wait() > world.clock.Now());
  world.clock.Advance(absl::Seconds(1));
  world.logic.load_error = absl::OkStatus();
  world.executor.Turn();
  REQUIRE(world.journal == Journal{"load", "load", "decide", "durable", "remember"});
}

TEST_CASE("loop: in doubt, callers hear that it is not known, and the load shows what is there") {
  LoopWorldOfTest world;
  world.Start();
  const bool applied = GENERATE(true, false);
  world.faults().EndNextCommits(applied ? Ending::kInDoubtApplied : Ending::kInDoubtLost);
  const Caller& caller = world.Ask({.key = 4, .kind = Kind::kSend});
  world.executor.Turn();
  REQUIRE(caller.unavailable());
  REQUIRE(caller.said("not known"));
  REQUIRE(world.logic.memory.empty());
  const Caller& next = world.Ask({.key = 5});
  world.executor.Turn();
  REQUIRE(next.value.ok());
  REQUIRE(world.logic.loaded.size() == (applied ? 1 : 0));
  REQUIRE(std::count(world.journal.begin(), world.journal.end(), "send 1") == 0);
}

TEST_CASE("loop: one that is fenced off says so, once") {
  LoopWorldOfTest world;
  world.Start();
  store::Fence fence{.holder = *Id::FromBytes(std::string(16, 'a'))};
  fence.epochs[0] = 1;
  world.logic.fence_of_owner = &fence;
  world.stores.SetOwner(kSchema.service, 0, fence.holder, 2);
  const Caller& caller = world.Ask({.key = 4});
  world.executor.Turn();
  REQUIRE(caller.unavailable());
  REQUIRE(std::count(world.journal.begin(), world.journal.end(), "told to stop") == 1);
  REQUIRE(world.Stored(4) == 0);
}

TEST_CASE("loop: a reply that is parked stays so over a failure, and the load may answer it") {
  LoopWorldOfTest world;
  world.Start();
  const Caller& early = world.Ask({.key = 1, .kind = Kind::kPark, .ticket = 1});
  world.executor.Turn();
  world.faults().EndNextCommits(Ending::kNothing);
  const Caller& failed = world.Ask({.key = 1, .kind = Kind::kPark, .ticket = 2});
  const Caller& late = world.Ask({.key = 1, .kind = Kind::kLate, .ticket = 1});
  world.executor.Turn();
  REQUIRE(failed.unavailable());
  REQUIRE(late.unavailable());
  REQUIRE_FALSE(early.answered);
  world.logic.plan_of_load = [](Plan<Io>& plan) { plan.ReplyLate(1, int64_t{8}); };
  world.Ask({});
  world.executor.Turn();
  REQUIRE(*early.value == 8);
}

// --- Owners

TEST_CASE("loop: an owner remembers before the commit") {
  LoopWorldOfTest world;
  const store::Fence fence;
  world.logic.fence_of_owner = &fence;
  world.Start();
  world.Ask({});
  world.executor.Turn();
  REQUIRE(world.journal == Journal{"decide 1", "remember", "durable", "answer 1"});
  REQUIRE(world.logic.memory == std::vector<int>{1});
}

TEST_CASE("loop: an owner reloads after anything but durable") {
  LoopWorldOfTest world;
  const store::Fence fence;
  world.logic.fence_of_owner = &fence;
  world.Start();
  world.faults().EndNextCommits(GENERATE(Ending::kNothing, Ending::kConflict, Ending::kFenced,
                                         Ending::kInDoubtApplied, Ending::kInDoubtLost));
  const Caller& first = world.Ask({.key = 1});
  world.executor.Turn();
  REQUIRE(first.unavailable());
  REQUIRE(world.logic.sizes == Sizes{1});
  world.journal.clear();
  const Caller& second = world.Ask({.key = 2});
  world.executor.Turn();
  REQUIRE(world.journal == Journal{"load", "decide 2", "remember", "durable", "answer 2"});
  REQUIRE(second.value.ok());
  REQUIRE(world.logic.memory == std::vector<int>{2});
}

// --- Conflicts

TEST_CASE("loop: after a conflict a batch is decided again, on fresh rows and the same memory") {
  LoopWorldOfTest world;
  world.Start();
  world.Ask({.key = 1});
  world.executor.Turn();
  world.journal.clear();
  int left = 1;
  world.lane.before_commit = [&](const store::Rows&) {
    if (left-- > 0) world.OtherWrites(1, 100);
  };
  const Caller& caller = world.Ask({.key = 1, .kind = Kind::kSend});
  world.Ask({.key = 2});
  world.executor.Turn();
  REQUIRE(*caller.value == 101);
  REQUIRE(world.Stored(1) == 101);
  REQUIRE(world.journal == Journal{"decide 2 3", "conflict", "decide 2 3", "durable", "remember",
                                   "send 2", "answer 2", "answer 3"});
  REQUIRE(world.logic.memory_at_decide[1] == std::vector<int>{1});
  REQUIRE(world.logic.memory_at_decide[2] == std::vector<int>{1});
  REQUIRE(world.logic.memory == std::vector<int>{1, 2, 3});
  REQUIRE(world.loop.stats().conflicts == 1);
  REQUIRE(world.loop.stats().commit_failures == 0);
}

TEST_CASE("loop: one input that always conflicts does not starve 511 others") {
  LoopWorldOfTest world;
  world.Start();
  constexpr int64_t kPoison = 300;
  int64_t written = 0;
  bool waited_for = true;
  SECTION("somebody waits for it") {}
  SECTION("nobody waits for it") { waited_for = false; }
  for (int64_t key = 0; key < 512; ++key) {
    if (key == kPoison && !waited_for) {
      REQUIRE(world.loop.Push({.key = key}));
    } else {
      world.Ask({.key = key});
    }
  }
  world.lane.before_commit = [&](const store::Rows& rows) {
    if (rows.Find(kCounters, kPoison) != nullptr) world.OtherWrites(kPoison, ++written);
  };
  world.executor.Turn();
  for (const Caller& caller : world.callers) {
    if (waited_for && &caller == &world.callers[kPoison]) {
      REQUIRE(caller.unavailable());
      REQUIRE(caller.said("repeat"));
    } else {
      REQUIRE(*caller.value == 1);
    }
  }
  for (int64_t key = 0; key < 512; ++key) {
    REQUIRE(world.Stored(key) == (key == kPoison ? written : 1));
  }
  REQUIRE(world.lane.commits < 100);
  // Without a caller it must not be lost: it is tried again.
  world.lane.before_commit = nullptr;
  world.clock.Advance(absl::Seconds(1));
  world.executor.Turn();
  REQUIRE(world.Stored(kPoison) == written + (waited_for ? 0 : 1));
}

TEST_CASE("loop: a batch of inputs that all conflict for ever is answered, on a flat stack") {
  LoopWorldOfTest world;
  world.Start();
  for (int64_t key = 0; key < 512; ++key) world.Ask({.key = key});
  world.faults().EndNextCommits(Ending::kConflict, 100'000);
  world.executor.Turn();
  for (const Caller& caller : world.callers) REQUIRE(caller.unavailable());
  REQUIRE(world.logic.memory.empty());
}

TEST_CASE("loop: a timer's batch that conflicts for ever ends, and comes again") {
  LoopWorldOfTest world;
  world.Start();
  world.logic.wake = world.clock.Now();
  world.faults().EndNextCommits(Ending::kConflict, 1000);
  world.executor.Turn();
  REQUIRE(world.logic.sizes.size() < 100);
  REQUIRE(world.executor.Wait() == world.logic.wake);
}

TEST_CASE("loop: a part that fails takes the rest of its batch with it, and not what is durable") {
  LoopWorldOfTest world;
  world.Start();
  for (int64_t key = 0; key < 4; ++key) world.Ask({.key = key});
  world.faults().EndNextCommits(Ending::kConflict, 3);  // now in halves
  int commits = 0;
  world.lane.before_commit = [&](const store::Rows&) {
    if (++commits == 5) world.faults().EndNextCommits(Ending::kNothing);
  };
  world.executor.Turn();
  REQUIRE(world.callers[0].value.ok());
  REQUIRE(world.callers[1].value.ok());
  REQUIRE(world.callers[2].unavailable());
  REQUIRE(world.callers[3].unavailable());
  REQUIRE(world.logic.memory == std::vector<int>{1, 2});
}

// --- Commits that end late

TEST_CASE("loop: nothing happens before a commit in flight has ended, and then all of it") {
  LoopWorldOfTest world;
  world.Start();
  world.faults().HoldAnswers(true);
  const Caller& first = world.Ask({.key = 1, .kind = Kind::kSend});
  world.executor.Turn();
  REQUIRE(world.journal == Journal{"decide 1"});
  REQUIRE(world.executor.task->PrepareWait() == Mono::InfiniteFuture());
  const int wakes = world.executor.wakes;
  const Caller& second = world.Ask({.key = 1});
  REQUIRE(world.executor.wakes == wakes);  // it could do nothing
  world.executor.task->EndWait();
  world.executor.task->RunDue();
  REQUIRE(world.logic.sizes == Sizes{1});

  REQUIRE(world.faults().DeliverOne());
  REQUIRE(world.executor.wakes == wakes + 1);
  REQUIRE(world.journal == Journal{"decide 1", "durable", "remember", "send 1", "answer 1"});
  REQUIRE(*first.value == 1);
  REQUIRE(world.executor.Wait() == Mono::InfinitePast());
  world.executor.Turn();
  REQUIRE_FALSE(second.answered);
  world.faults().DeliverAll();
  REQUIRE(*second.value == 2);
}

TEST_CASE("loop: a conflict that is heard of late is decided again at once") {
  LoopWorldOfTest world;
  world.Start();
  world.faults().HoldAnswers(true);
  int left = 4;
  world.lane.before_commit = [&](const store::Rows&) {
    if (left-- > 0) world.OtherWrites(1, left);
  };
  world.Ask({.key = 1});
  world.Ask({.key = 2});
  world.executor.Turn();
  world.faults().DeliverAll();
  REQUIRE(world.logic.sizes == Sizes{2, 2, 2, 1, 1, 1});
  REQUIRE(*world.callers[0].value == 1);
  REQUIRE(*world.callers[1].value == 1);
}

TEST_CASE("loop: a connection that breaks leaves a commit in flight in doubt") {
  LoopWorldOfTest world;
  world.Start();
  world.faults().HoldAnswers(true);
  const Caller& caller = world.Ask({.key = 1});
  world.executor.Turn();
  world.faults().SetConnected(false);
  world.faults().DeliverAll();
  REQUIRE(caller.unavailable());
  REQUIRE(caller.said("not known"));
  world.faults().SetConnected(true);
  world.faults().HoldAnswers(false);
  const Caller& again = world.Ask({.key = 1});
  world.executor.Turn();
  REQUIRE(*again.value == 2);
  REQUIRE(world.logic.loaded.size() == 1);
}

TEST_CASE("loop: stopping waits for the commit in flight, and decides the rest") {
  LoopWorldOfTest world;
  world.Start();
  world.faults().HoldAnswers(true);
  const Caller& first = world.Ask({.key = 1});
  world.executor.Turn();
  const Caller& second = world.Ask({.key = 1});
  world.loop.Stop();
  REQUIRE(*first.value == 1);
  REQUIRE(*second.value == 2);
  REQUIRE(world.journal.back() == "close");
  REQUIRE(world.faults().waiting() == 0);
}

}  // namespace
}  // namespace seatsaga::testing
