#include "common/batch_loop.h"

#include <algorithm>
#include <iterator>

#include "absl/time/clock.h"
#include "common/log.h"
#include "common/thread_host.h"

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

BatchLoopBase::~BatchLoopBase() = default;

absl::Status BatchLoopBase::Start() {
  own_host_ = std::make_unique<ThreadHost>();
  return Start(*own_host_);
}

absl::Status BatchLoopBase::Start(LoopHost& host) {
  absl::Status loaded = Load();
  if (!loaded.ok()) return loaded;
  recovering_ = true;
  {
    const std::lock_guard lock(mutex_);
    host_ = &host;
  }
  host.Attach(*this);
  return absl::OkStatus();
}

void BatchLoopBase::Stop() {
  LoopHost* host = nullptr;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    host = std::exchange(host_, nullptr);
  }
  if (host == nullptr) return;
  host->Detach(*this);
  // This thread is the writer now.
  while (Unfinished()) RunDue();
}

bool BatchLoopBase::Unfinished() const {
  const std::lock_guard lock(mutex_);
  return HasInputs() || recovering_;
}

BatchLoopStats BatchLoopBase::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

absl::Time BatchLoopBase::PrepareWait() {
  const absl::Time wake = healthy_ ? NextWake() : absl::Now() + kReloadInterval;
  const std::lock_guard lock(mutex_);
  idle_ = !hurried_ && !recovering_;
  due_ = idle_ ? std::min(wake, unhurried_due_) : absl::InfinitePast();
  return due_;
}

void BatchLoopBase::EndWait() {
  const std::lock_guard lock(mutex_);
  idle_ = false;
}

void BatchLoopBase::RunDue() {
  if (std::exchange(recovering_, false)) {
    after_.Run();
    due_ = NextWake();
  }
  {
    const std::lock_guard lock(mutex_);
    const bool due = stopping_ ? HasInputs() : hurried_ || absl::Now() >= due_;
    if (!due) return;
    TakeBatch();
    due_ = unhurried_due_ = absl::InfiniteFuture();
  }
  TakeTurn();
}

void BatchLoopBase::NoteUnhurried() {
  if (unhurried_due_ != absl::InfiniteFuture()) return;
  unhurried_due_ = absl::Now() + kUnhurriedMax;
  if (std::exchange(idle_, false)) host_->Wake();  // it must wait less long
}

// With a batch taken, possibly an empty one.
void BatchLoopBase::TakeTurn() {
  if (!healthy_) Reload();
  if (healthy_) {
    RunBatch();
  } else {
    DropBatch();  // every reply in it answers UNAVAILABLE
  }
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

absl::Status BatchLoopBase::Load() {
  transactions_.Begin();
  absl::Status loaded = LoadHandler(absl::Now(), after_);
  if (loaded.ok()) loaded = transactions_.Commit();
  if (!loaded.ok()) after_.Drop();
  return loaded;
}

void BatchLoopBase::Reload() {
  if (!Load().ok()) return;
  healthy_ = true;
  log::Info("database_recovered", {}, "writes are accepted again");
  after_.Run();
}

}  // namespace internal
}  // namespace seatsaga
