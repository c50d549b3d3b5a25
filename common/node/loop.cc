#include "common/node/loop.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/errors.h"
#include "common/log.h"

namespace seatsaga::internal {
namespace {

// Between tries to load after a failed commit. Not shorter, because a full disk takes time to
// clear.
constexpr absl::Duration kReloadInterval = absl::Milliseconds(500);

}  // namespace

LoopBase::~LoopBase() = default;

absl::Status LoopBase::Start(Executor& executor) {
  absl::Status loaded = Load();
  if (!loaded.ok()) return loaded;
  recovering_ = true;
  {
    const std::lock_guard lock(mutex_);
    executor_ = &executor;
  }
  executor.Attach(*this);
  return absl::OkStatus();
}

void LoopBase::Stop() {
  Executor* executor = nullptr;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    executor = std::exchange(executor_, nullptr);
  }
  if (executor == nullptr) return;
  executor->Detach(*this);
  // This thread is the loop's now.
  while (busy_ || Unfinished()) busy_ ? FinishBatch() : RunDue();
  CloseLogic();
}

bool LoopBase::Unfinished() const {
  const std::lock_guard lock(mutex_);
  return HasInputs() || recovering_;
}

LoopStats LoopBase::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

// In whole microseconds, because stores keep no more: so a replay sees exactly the same times.
Tick LoopBase::MakeTick() const {
  return {.wall = absl::FromUnixMicros(absl::ToUnixMicros(world_.clock.Wall())),
          .now = world_.clock.Now(),
          .random = world_.random()};
}

Mono LoopBase::PrepareWait() {
  const Mono wake = healthy_ ? NextWake() : reload_due_;
  const std::lock_guard lock(mutex_);
  if (busy_) return Mono::InfiniteFuture();  // the end of the batch wakes us
  idle_ = !urgent_ && !recovering_;
  due_ = idle_ ? std::min(wake, deferred_due_) : Mono::InfinitePast();
  return due_;
}

void LoopBase::EndWait() {
  const std::lock_guard lock(mutex_);
  idle_ = false;
}

void LoopBase::RunDue() {
  if (busy_) return;
  if (std::exchange(recovering_, false)) {
    RunPlan();
    due_ = NextWake();
  }
  {
    const std::lock_guard lock(mutex_);
    const bool due = stopping_ ? HasInputs() : urgent_ || world_.clock.Now() >= due_;
    if (!due) return;
    TakeBatch();
    due_ = deferred_due_ = Mono::InfiniteFuture();
  }
  if (!healthy_) Reload();
  if (!healthy_) {
    return DropBatch(NotDone("not processed; retry with the same request"));
  }
  busy_ = in_turn_ = true;
  BeginBatch();
  in_turn_ = false;
}

void LoopBase::EndBatch() {
  busy_ = false;
  if (in_turn_) return;
  const std::lock_guard lock(mutex_);
  if (executor_ != nullptr) executor_->Wake();
}

void LoopBase::NoteDeferred() {
  if (deferred_due_ != Mono::InfiniteFuture()) return;
  deferred_due_ = world_.clock.Now() + kDeferredMax;
  if (std::exchange(idle_, false)) executor_->Wake();  // because it must now wake earlier
}

void LoopBase::CountConflict() {
  const std::lock_guard lock(mutex_);
  ++stats_.conflicts;
}

bool LoopBase::Settle(const store::CommitResult& result, size_t inputs) {
  const bool durable = result.committed == store::Committed::kDurable;
  {
    const std::lock_guard lock(mutex_);
    ++stats_.batches;
    stats_.inputs += static_cast<int64_t>(inputs);
    if (!durable) ++stats_.commit_failures;
  }
  if (durable) return true;
  SetHealthy(false);
  why_not_ = result.why;
  reload_due_ = world_.clock.Now() + kReloadInterval;
  const bool in_doubt = result.committed == store::Committed::kInDoubt;
  DropBatch(NotDone(in_doubt ? "it is not known whether this was done; repeat the same request"
                             : "not processed; retry with the same request"));
  log::Error(
      "commit_failed",
      {{"result", std::string(store::Name(result.committed))}, {"error", result.why.ToString()}},
      "no write of the batch was acknowledged; writes fail until the store works again");
  if (result.committed == store::Committed::kFenced && world_.on_fenced) world_.on_fenced();
  return false;
}

absl::Status LoopBase::Load() {
  absl::Status loaded = LoadLogic();
  if (!loaded.ok()) DropPlan();
  return loaded;
}

void LoopBase::Reload() {
  if (absl::Status loaded = Load(); !loaded.ok()) {
    reload_due_ = world_.clock.Now() + kReloadInterval;
    if (loaded != why_not_) log::Error("load_failed", {{"error", loaded.ToString()}}, "");
    why_not_ = std::move(loaded);
    return;
  }
  SetHealthy(true);
  if (observer_ != nullptr) observer_->OnReloaded();
  log::Info("store_recovered", {}, "writes are accepted again");
  RunPlan();
  TellDurable();
}

void LoopBase::SetHealthy(bool healthy) {
  if (std::exchange(healthy_, healthy) == healthy) return;
  if (world_.on_health) world_.on_health(healthy);
}

// The store's own words are for operators, and in the log.
absl::Status LoopBase::NotDone(std::string_view what) const {
  const std::string reason = ReasonOf(why_not_);
  if (reason.empty()) return UnavailableError(what);
  return WithRetryInfo(MakeError(absl::StatusCode::kUnavailable, reason, what), absl::Seconds(1));
}

}  // namespace seatsaga::internal
