#include "common/node/thread_worker.h"

#include <utility>

namespace seatsaga {

bool ThreadWorker::full() const {
  const std::lock_guard lock(mutex_);
  return jobs_.size() >= kJobsMax;
}

void ThreadWorker::Post(absl::AnyInvocable<void() &&> job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    jobs_.push_back(std::move(job));
  }
  work_.notify_one();
}

void ThreadWorker::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void ThreadWorker::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    work_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    std::move(job)();
    job = nullptr;  // frees what it holds before taking the lock, so that nobody waits for that
    lock.lock();
  }
}

}  // namespace seatsaga
