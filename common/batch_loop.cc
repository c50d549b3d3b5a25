#include "common/batch_loop.h"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "absl/time/clock.h"
#include "common/log.h"

namespace seatsaga {

void AfterCommit::Append(AfterCommit&& later) {
  std::move(later.actions_.begin(), later.actions_.end(), std::back_inserter(actions_));
  later.actions_.clear();
}

void AfterCommit::Run() {
  for (auto& action : actions_) std::move(action)();
  actions_.clear();
}

namespace internal {
namespace {

// Between tries to reload after a failed commit: a full disk does not empty itself within less.
constexpr absl::Duration kReloadInterval = absl::Milliseconds(500);

}  // namespace

absl::Status BatchLoopBase::Start() {
  transactions_.Begin();
  absl::Status loaded = LoadHandler(absl::Now(), after_);
  if (loaded.ok()) loaded = transactions_.Commit();
  if (!loaded.ok()) {
    after_.Drop();
    return loaded;
  }
  writer_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void BatchLoopBase::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    idle_ = false;
  }
  WakeWriter();
  if (writer_.joinable()) writer_.join();
}

BatchLoopStats BatchLoopBase::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

void BatchLoopBase::WakeWriter() { work_.notify_one(); }

void BatchLoopBase::Run() {
  after_.Run();
  while (true) {
    const absl::Time until = healthy_ ? NextWake() : absl::Now() + kReloadInterval;
    if (!WaitForWork(until)) return;
    if (!healthy_) Reload();
    if (healthy_) {
      RunBatch();
    } else {
      DropBatch();  // every reply in it answers UNAVAILABLE
    }
  }
}

// Takes a batch, possibly empty if `until` has come. False: stopped, and nothing is left.
bool BatchLoopBase::WaitForWork(absl::Time until) {
  std::unique_lock lock(mutex_);
  while (!HasInputs()) {
    if (stopping_) return false;
    if (absl::Now() >= until) break;
    idle_ = true;
    if (until == absl::InfiniteFuture()) {
      work_.wait(lock);
    } else {
      work_.wait_until(lock, absl::ToChronoTime(until));
    }
    idle_ = false;
  }
  TakeBatch();
  return true;
}

void BatchLoopBase::RunBatch() {
  transactions_.Begin();
  const size_t inputs = ApplyBatch(absl::Now(), after_);
  const absl::Status committed = transactions_.Commit();
  {
    const std::lock_guard lock(mutex_);
    ++stats_.batches;
    stats_.inputs += static_cast<int64_t>(inputs);
    if (!committed.ok()) ++stats_.commit_failures;
  }
  if (committed.ok()) {
    after_.Run();
    return;
  }
  healthy_ = false;
  after_.Drop();
  log::Error("commit_failed", {{"error", committed.ToString()}},
             "nothing of the batch was acknowledged; writes are refused until the database works");
}

void BatchLoopBase::Reload() {
  transactions_.Begin();
  absl::Status loaded = LoadHandler(absl::Now(), after_);
  if (loaded.ok()) loaded = transactions_.Commit();
  if (!loaded.ok()) {
    after_.Drop();
    return;
  }
  healthy_ = true;
  log::Info("database_recovered", {}, "writes are accepted again");
  after_.Run();
}

}  // namespace internal
}  // namespace seatsaga
