#include "common/node/thread_worker.h"

#include <catch2/catch.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"

namespace seatsaga {
namespace {

TEST_CASE("jobs run on another thread, in order, and Stop waits for them") {
  ThreadWorker worker;
  std::vector<int> order;
  std::thread::id thread;
  for (int i = 0; i < 100; ++i) {
    worker.Post([&, i] {
      order.push_back(i);
      thread = std::this_thread::get_id();
    });
  }
  worker.Stop();
  REQUIRE(order.size() == 100);
  for (int i = 0; i < 100; ++i) REQUIRE(order[static_cast<size_t>(i)] == i);
  REQUIRE(thread != std::this_thread::get_id());
  worker.Stop();
}

TEST_CASE("a job that comes after Stop is dropped, not run and not kept") {
  ThreadWorker worker;
  worker.Stop();
  auto held = std::make_shared<int>(1);
  bool ran = false;
  worker.Post([held, &ran] { ran = true; });
  REQUIRE_FALSE(ran);
  REQUIRE(held.use_count() == 1);
}

TEST_CASE("a worker is full once as many jobs wait as may") {
  ThreadWorker worker;
  absl::Notification started;
  absl::Notification go_on;
  worker.Post([&] {
    started.Notify();
    go_on.WaitForNotification();
  });
  started.WaitForNotification();
  for (size_t i = 0; i < ThreadWorker::kJobsMax; ++i) {
    REQUIRE_FALSE(worker.full());
    worker.Post([] {});
  }
  REQUIRE(worker.full());
  go_on.Notify();
  worker.Stop();
  REQUIRE_FALSE(worker.full());
}

}  // namespace
}  // namespace seatsaga
