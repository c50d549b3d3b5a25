#include "tests/world/turns.h"

#include <algorithm>
#include <utility>

namespace seatsaga::testing {
namespace {

void RunFirst(std::deque<absl::AnyInvocable<void() &&>>& jobs) {
  if (jobs.empty()) return;
  auto job = std::move(jobs.front());
  jobs.pop_front();
  std::move(job)();
}

}  // namespace

void TurnExecutor::Attach(Task& task) {
  tasks_.push_back(&task);
  waiting_ = false;
}

void TurnExecutor::Detach(Task& task) { std::erase(tasks_, &task); }

bool TurnExecutor::RunTurn() {
  if (tasks_.empty()) return false;
  if (!waiting_) {
    waiting_ = true;
    due_ = Mono::InfiniteFuture();
    for (Task* task : tasks_) due_ = std::min(due_, task->PrepareWait());
  }
  if (!woken_ && due_ > clock_.Now()) return false;
  woken_ = waiting_ = false;
  for (Task* task : tasks_) task->EndWait();
  for (Task* task : tasks_) task->RunDue();
  return true;
}

void TurnWorker::Post(absl::AnyInvocable<void() &&> job) {
  if (stopped_) return;
  jobs_->push_back(std::move(job));
  agenda_.Post(life_, [jobs = jobs_] { RunFirst(*jobs); });
}

void TurnWorker::Stop() {
  stopped_ = true;
  while (life_->alive && !jobs_->empty()) RunFirst(*jobs_);
  jobs_->clear();
}

}  // namespace seatsaga::testing
