#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "common/node/executor.h"

namespace seatsaga {

// A worker on a thread of its own, from construction to Stop.
class ThreadWorker final : public Worker {
 public:
  static constexpr size_t kJobsMax = 1024;

  ThreadWorker() : thread_([this] { Run(); }) {}
  ~ThreadWorker() override { Stop(); }

  bool full() const override;
  void Post(absl::AnyInvocable<void() &&> job) override;
  // Not from a job.
  void Stop() override;

 private:
  void Run();

  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::deque<absl::AnyInvocable<void() &&>> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace seatsaga
