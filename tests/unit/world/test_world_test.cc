#include "tests/world/test_world.h"

#include <catch2/catch.hpp>
#include <memory>

#include "tests/unit/world/counter_node.h"

namespace seatsaga::testing {
namespace {

// One counter, "a", and what tests ask of it.
struct Counter {
  explicit Counter(Engine engine) : test(engine) { Start(); }

  void Start() {
    node.reset();
    node = CounterNode::Launch(test.world("a"), logic);
    REQUIRE(node != nullptr);
    REQUIRE(test.serving("a"));
  }
  void Crash() {
    test.Crash("a");
    node.reset();
  }
  int64_t Count() {
    const auto event = test.CallNow("a", seat::kGetEvent, {});
    REQUIRE(event.ok());
    return event->event().seat_count();
  }

  TestWorld test;
  CounterLogic logic;
  std::unique_ptr<CounterNode> node;
};

absl::StatusCode CodeOf(const Pending<seat::v1::ReserveSeatsResponse>& call) {
  return call.answered() ? call->status().code() : absl::StatusCode::kUnknown;
}

Engine AnyEngine() { return GENERATE(Engine::kModel, Engine::kSqlite); }

TEST_CASE("calls that arrive together share a batch, and are answered in order") {
  Counter counter(AnyEngine());
  const auto first = counter.test.Call("a", seat::kReserveSeats, Add(2));
  const auto second = counter.test.Call("a", seat::kReserveSeats, Add(3));
  CHECK_FALSE(first.answered());
  counter.test.Run();
  CHECK((*first)->result().message() == "2");
  CHECK((*second)->result().message() == "5");
  CHECK(counter.logic.decisions == 1);
  CHECK(counter.Count() == 5);
}

TEST_CASE("a crash loses what has queued, and keeps what is durable") {
  Counter counter(AnyEngine());
  REQUIRE(counter.test.CallNow("a", seat::kReserveSeats, Add(1)).ok());

  SECTION("before the request arrives, or its batch is decided") {
    const auto lost = counter.test.Call("a", seat::kReserveSeats, Add(1));
    const bool arrived = GENERATE(false, true);
    if (arrived) counter.test.Step();
    counter.Crash();
    counter.Start();
    counter.test.Run();
    CHECK(CodeOf(lost) == absl::StatusCode::kUnavailable);
    CHECK(counter.Count() == 1);
  }
  SECTION("after the commit: the effect is there, the answer is not") {
    const auto lost = counter.test.Call("a", seat::kReserveSeats, Add(1));
    counter.test.Step();  // arrives
    counter.test.Step();  // the turn
    counter.Crash();
    counter.test.Run();
    CHECK(CodeOf(lost) == absl::StatusCode::kUnavailable);
    counter.Start();
    CHECK(counter.Count() == 2);
  }
}

TEST_CASE("a process that does not run, or no longer, answers UNAVAILABLE") {
  Counter counter(Engine::kModel);
  CHECK(absl::IsUnavailable(counter.test.CallNow("b", seat::kGetEvent, {}).status()));
  const auto waiting = counter.test.Call("a", seat::kReleaseSeats, {});
  counter.test.Run();
  CHECK_FALSE(waiting.answered());
  counter.node->Stop(absl::Seconds(10));
  CHECK_FALSE(counter.test.serving("a"));
  counter.test.Run();
  CHECK(absl::IsUnavailable(waiting->status()));
  CHECK(absl::IsUnavailable(counter.test.CallNow("a", seat::kGetEvent, {}).status()));

  counter.Start();
  CHECK(counter.Count() == 0);
}

TEST_CASE("a deadline passes on the hand-moved clock, and nowhere else") {
  Counter counter(Engine::kModel);
  const auto call = counter.test.Call("a", seat::kReleaseSeats, {}, {.deadline = absl::Seconds(3)});
  counter.test.Run();
  counter.test.StepWall(absl::Hours(1));
  counter.test.Advance(absl::Milliseconds(2999));
  CHECK_FALSE(call.answered());
  counter.test.Advance(absl::Milliseconds(1));
  CHECK(absl::IsDeadlineExceeded(call->status()));
  counter.node->waiting.clear();  // an answer that nobody waits for

  const Mono before = counter.test.now();
  CHECK(absl::IsDeadlineExceeded(counter.test.CallNow("a", seat::kReleaseSeats, {}).status()));
  CHECK(counter.test.now() - before == absl::Seconds(10));
}

TEST_CASE("the clock stops at every wake of a loop") {
  Counter counter(Engine::kModel);
  counter.logic.wake = counter.test.now() + absl::Seconds(7);
  REQUIRE(counter.test.CallNow("a", seat::kReserveSeats, Add(1)).ok());
  const absl::Time wall = counter.test.wall();
  const Mono wake = std::exchange(counter.logic.wake, Mono::InfiniteFuture());
  counter.test.Advance(absl::Minutes(1));
  CHECK(counter.logic.last_tick.now == wake);
  CHECK(counter.logic.last_tick.wall == wall + absl::Seconds(7));
  CHECK(counter.test.wall() == wall + absl::Minutes(1));
}

TEST_CASE("a pause says that it held something up, and only if it did") {
  Counter counter(Engine::kModel);
  counter.test.Run();
  int held_up = 0;
  const auto pause = [&] {
    counter.test.Pause("a", absl::Milliseconds(10), [&held_up] { ++held_up; });
  };
  pause();
  counter.test.Advance(absl::Milliseconds(20));
  CHECK(held_up == 0);
  pause();
  const auto first = counter.test.Call("a", seat::kReserveSeats, Add(2));
  const auto second = counter.test.Call("a", seat::kReserveSeats, Add(3));
  counter.test.Advance(absl::Milliseconds(5));
  CHECK_FALSE(first.answered());
  CHECK(held_up == 1);
  counter.test.Advance(absl::Milliseconds(5));
  CHECK(first.answered());
  CHECK(second.answered());
  CHECK(held_up == 1);
}

TEST_CASE("a turn that a pause held up is taken when it is over") {
  Counter counter(Engine::kModel);
  counter.test.Run();
  const auto call = counter.test.Call("a", seat::kReserveSeats, Add(2));
  REQUIRE(counter.test.Step());  // it arrives
  bool held_up = false;
  counter.test.Pause("a", absl::Milliseconds(10), [&held_up] { held_up = true; });
  counter.test.Advance(absl::Milliseconds(10));
  CHECK(call.answered());
  CHECK(held_up);
}

TEST_CASE("a handler sees who calls, and the call's metadata") {
  Counter counter(Engine::kModel);
  const auto event = counter.test.CallNow(
      "a", seat::kGetEvent, {}, {.metadata = {{"traceparent", "00-1"}}, .from = "somebody"});
  REQUIRE(event.ok());
  CHECK(event->event().display_name() == "somebody 00-1");
}

TEST_CASE("lost and held messages") {
  Counter counter(Engine::kModel);
  CounterLogic talker_logic;
  const auto talker = CounterNode::Launch(counter.test.world("talker"), talker_logic, "a");
  REQUIRE(talker != nullptr);
  const auto talk = [&] { return counter.test.CallNow("talker", seat::kReserveSeats, Add(1)); };

  SECTION("a request that is lost has no effect") {
    counter.test.Drop("talker", "a", Leg::kRequest, 1);
    REQUIRE(talk().ok());
    REQUIRE(talker->told.size() == 1);
    CHECK(absl::IsUnavailable(talker->told[0]));
    CHECK(counter.Count() == 0);
    REQUIRE(talk().ok());
    CHECK(talker->told[1].ok());
    CHECK(counter.Count() == 2);
  }
  SECTION("a request whose answer is lost has its effect") {
    counter.test.Drop("talker", "a", Leg::kAnswer);
    REQUIRE(talk().ok());
    CHECK(absl::IsUnavailable(talker->told.at(0)));
    CHECK(counter.Count() == 1);
    counter.test.Release("talker", "a");
    REQUIRE(talk().ok());
    CHECK(talker->told.at(1).ok());
  }
  SECTION("a request that is held arrives although nobody waits any more, even after a crash") {
    counter.test.Hold("talker", "a", Leg::kRequest);
    REQUIRE(talk().ok());
    counter.test.Advance(absl::Seconds(2));
    CHECK(absl::IsDeadlineExceeded(talker->told.at(0)));
    CHECK(counter.Count() == 0);
    counter.Crash();
    counter.Start();
    counter.test.Release("talker", "a");
    counter.test.Run();
    CHECK(counter.Count() == 1);
  }
  SECTION("an answer that is held waits too") {
    counter.test.Hold("talker", "a", Leg::kAnswer);
    REQUIRE(talk().ok());
    CHECK(counter.Count() == 1);
    CHECK(talker->told.empty());
    counter.test.Release("talker", "a");
    counter.test.Run();
    CHECK(talker->told.at(0).ok());
  }
  SECTION("calls are recorded in order") {
    counter.test.ForgetCalls();
    REQUIRE(talk().ok());
    CHECK(counter.test.calls() == std::vector<CallRecord>{{"client", "talker", "ReserveSeats"},
                                                          {"talker", "a", "ReserveSeats"}});
  }
}

TEST_CASE("commits fail on demand") {
  Counter counter(AnyEngine());
  REQUIRE(counter.test.CallNow("a", seat::kReserveSeats, Add(1)).ok());
  const auto add = [&] { return counter.test.CallNow("a", seat::kReserveSeats, Add(1)).status(); };

  SECTION("with nothing written") {
    counter.test.FailNextCommits("a", 1, store::Committed::kNothing);
    CHECK(absl::IsUnavailable(add()));
    CHECK(counter.Count() == 1);
  }
  SECTION("in conflict: decided again") {
    counter.test.FailNextCommits("a", 1, store::Committed::kConflict);
    CHECK(add().ok());
    CHECK(counter.Count() == 2);
    CHECK(counter.node != nullptr);
  }
  SECTION("in doubt, applied or not") {
    const bool applied = GENERATE(false, true);
    counter.test.FailNextCommits("a", 1, store::Committed::kInDoubt, applied);
    CHECK(absl::IsUnavailable(add()));
    CHECK(counter.Count() == (applied ? 2 : 1));
  }
  SECTION("fenced: the process is told to stop") {
    CHECK_FALSE(counter.test.stopped("a"));
    counter.test.FailNextCommits("a", 1, store::Committed::kFenced);
    CHECK(absl::IsUnavailable(add()));
    CHECK(counter.test.stopped("a"));
  }
  SECTION("of another store: not here") {
    counter.test.FailNextCommits("a", 1, store::Committed::kNothing, false, "other");
    CHECK(add().ok());
  }
  CHECK(add().ok());
}

}  // namespace
}  // namespace seatsaga::testing
