#include "common/node/passes.h"

#include <catch2/catch.hpp>
#include <deque>
#include <utility>
#include <vector>

#include "common/store/model.h"
#include "tests/unit/common/node/loop_world.h"

namespace seatsaga::testing {
namespace {

// Runs jobs when the test says so.
class ManualWorker final : public Worker {
 public:
  explicit ManualWorker(std::deque<absl::AnyInvocable<void() &&>>& jobs) : jobs_(jobs) {}
  bool full() const override { return false; }
  void Post(absl::AnyInvocable<void() &&> job) override { jobs_.push_back(std::move(job)); }
  void Stop() override {}

 private:
  std::deque<absl::AnyInvocable<void() &&>>& jobs_;
};

struct PassesWorld {
  explicit PassesWorld(Passes::Options options)
      : passes(executor, clock, queries, options, [this](store::Store&, bool everything) {
          passed.push_back(everything);
          if (during) during();
          return goes_on;
        }) {
    passes.Start();
  }
  // A turn, then the jobs that it has posted. How many passes that were.
  size_t Turn() {
    const size_t before = passed.size();
    executor.Turn();
    while (!jobs.empty()) {
      auto job = std::move(jobs.front());
      jobs.pop_front();
      std::move(job)();
    }
    return passed.size() - before;
  }

  ManualClock clock;
  ManualExecutor executor;
  store::ModelStores stores;
  std::unique_ptr<store::Store> store = *stores.Open(kSchema);
  std::deque<absl::AnyInvocable<void() &&>> jobs;
  Queries queries{*store, std::make_unique<ManualWorker>(jobs)};
  std::vector<bool> passed;  // whether over everything
  std::function<void()> during;
  bool goes_on = true;
  Passes passes;
};

TEST_CASE("nothing runs unless it is requested, and many requests share one pass") {
  PassesWorld world({});
  CHECK(world.executor.Wait() == Mono::InfiniteFuture());
  CHECK(world.Turn() == 0);
  for (int i = 0; i < 3; ++i) world.passes.Request();
  CHECK(world.executor.wakes == 1);
  CHECK(world.Turn() == 1);
  CHECK(world.Turn() == 0);
  CHECK(world.passed == std::vector{false});
}

TEST_CASE("a request during a pass gets a pass of its own, and no two wait at the worker") {
  PassesWorld world({});
  world.during = [&] { world.passes.Request(); };
  world.passes.Request();
  world.executor.Turn();
  world.executor.Turn();
  CHECK(world.jobs.size() == 1);
  const int wakes = world.executor.wakes;
  CHECK(world.Turn() == 1);
  CHECK(world.executor.wakes > wakes);
  world.during = nullptr;
  CHECK(world.Turn() == 1);
  CHECK(world.Turn() == 0);
}

TEST_CASE("a pass waits until the pause after the last is over") {
  PassesWorld world({.pause = absl::Milliseconds(50)});
  world.passes.Request();
  REQUIRE(world.Turn() == 1);
  world.passes.Request();
  CHECK(world.executor.Wait() == world.clock.Now() + absl::Milliseconds(50));
  world.clock.Advance(absl::Milliseconds(49));
  CHECK(world.Turn() == 0);
  world.clock.Advance(absl::Milliseconds(1));
  CHECK(world.Turn() == 1);
}

TEST_CASE("passes over everything follow at the interval, as long as there is something to watch") {
  PassesWorld world({.interval = absl::Seconds(1)});
  CHECK(world.executor.Wait() == Mono::InfiniteFuture());
  world.passes.Request();
  REQUIRE(world.Turn() == 1);
  world.clock.Advance(absl::Milliseconds(600));
  world.passes.Request();  // does not put it off
  REQUIRE(world.Turn() == 1);
  world.clock.Advance(absl::Milliseconds(400));
  CHECK(world.Turn() == 1);
  CHECK(world.passed == std::vector{false, false, true});
  world.goes_on = false;
  world.clock.Advance(absl::Seconds(1));
  CHECK(world.Turn() == 1);
  CHECK(world.executor.Wait() == Mono::InfiniteFuture());
}

}  // namespace
}  // namespace seatsaga::testing
