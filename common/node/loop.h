#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "common/clock.h"
#include "common/errors.h"
#include "common/log.h"
#include "common/node/commit_observer.h"
#include "common/node/executor.h"
#include "common/node/logic.h"
#include "common/reply.h"
#include "common/store/lane.h"

// The heart of every SeatSaga process. Inputs queue. One thread takes everything in the queue, lets
// the logic decide it, commits once, and only then answers and sends (docs/ARCHITECTURE.md).
namespace seatsaga {

struct LoopLimits {
  // Inputs that may wait; TryPush refuses any more.
  size_t queue_max = 8192;
  // Inputs decided in one transaction.
  size_t batch_max = 512;
};

// Counters since the start. Read from any thread.
struct LoopStats {
  int64_t batches = 0;
  int64_t inputs = 0;
  int64_t commit_failures = 0;
  int64_t conflicts = 0;
};

// What a loop takes from its world.
struct LoopWorld {
  const Clock& clock;
  std::function<uint64_t()> random;
  // Called when the store says that another process owns what this process wrote to.
  std::function<void()> on_fenced;
  // Called on the loop's thread when a batch is durable, after its calls and answers: a read
  // of the store sees it from now on. Also called if it may be durable.
  std::function<void()> on_durable = {};
  // Called on the loop's thread when a commit has failed (false), and when the store works again.
  std::function<void(bool works)> on_health = {};
};

namespace internal {

// The part of the loop that does not depend on the types of its service.
class LoopBase : private Task {
 public:
  ~LoopBase() override;

  // Loads on the calling thread, then takes its turns on `executor`, which must outlive Stop.
  // Returns the first load's error, after which the loop does not run. Not thread-safe; call it
  // once.
  absl::Status Start(Executor& executor);
  // Refuses further pushes. Then, on the calling thread, waits for a commit that is under way and
  // decides everything that has queued. Nothing runs after it. Not from inside a turn. Idempotent.
  void Stop();
  // Tells `observer`, which must outlive Stop, what becomes durable. Before Start; once.
  void Observe(CommitObserver& observer) { observer_ = &observer; }
  LoopStats stats() const;

 protected:
  explicit LoopBase(LoopWorld world) : world_(std::move(world)) {}

  // Called with `mutex_` held.
  virtual bool HasInputs() const = 0;
  virtual void TakeBatch() = 0;
  // Called by the loop's thread alone.
  virtual absl::Status LoadLogic() = 0;
  virtual void RunPlan() = 0;
  virtual void DropPlan() = 0;
  virtual void BeginBatch() = 0;
  virtual void FinishBatch() = 0;
  virtual void DropBatch(const absl::Status& why) = 0;
  virtual void CloseLogic() = 0;
  virtual Mono NextWake() const = 0;

  // How long an input that nobody waits for may wait for a batch that it can join.
  static constexpr absl::Duration kDeferredMax = absl::Milliseconds(5);

  Tick MakeTick() const;
  // Takes the result of a batch's commit. True: run its plan. False: the batch has been dropped.
  bool Settle(const store::CommitResult& result, size_t inputs);
  void CountConflict();
  void TellDurable() const {
    if (world_.on_durable) world_.on_durable();
  }
  // The batch is over.
  void EndBatch();
  // With `mutex_` held.
  void NoteDeferred();
  const Clock& clock() const { return world_.clock; }

  mutable std::mutex mutex_;
  Executor* executor_ = nullptr;  // null before Start and after Stop
  CommitObserver* observer_ = nullptr;
  bool stopping_ = false;
  bool idle_ = false;                           // the executor waits; an input must wake it
  bool urgent_ = false;                         // among the inputs is one that somebody waits for
  Mono deferred_due_ = Mono::InfiniteFuture();  // when the other inputs have waited long enough

 private:
  Mono PrepareWait() override;
  void EndWait() override;
  void RunDue() override;

  bool Unfinished() const;
  absl::Status Load();
  void Reload();
  void SetHealthy(bool healthy);
  // The answer to inputs that meet a store which does not work.
  absl::Status NotDone(std::string_view what) const;

  const LoopWorld world_;
  LoopStats stats_;
  // The loop's thread only.
  Mono due_ = Mono::InfiniteFuture();         // when a turn is due without inputs
  Mono reload_due_ = Mono::InfiniteFuture();  // unless healthy
  bool recovering_ = false;                   // what the first load planned has not run yet
  absl::Status why_not_;                      // of the last commit or load that failed
  bool healthy_ = true;                       // false from a failed commit to a successful load
  bool busy_ = false;                         // a batch is between its first read and its end
  bool in_turn_ = false;
};

}  // namespace internal

template <class Io>
class Loop final : public internal::LoopBase {
 public:
  using In = typename Io::In;
  using Out = typename Io::Out;
  using Send = typename Io::Send;
  using Sender = std::function<void(std::vector<Send>)>;

  // `lane` and `logic` must outlive the loop. `sender` makes a plan's calls: on the loop's thread,
  // and without blocking.
  Loop(LoopWorld world, store::Lane& lane, Logic<Io>& logic, Sender sender, LoopLimits limits = {})
      : LoopBase(std::move(world)),
        lane_(lane),
        logic_(logic),
        sender_(std::move(sender)),
        limits_(limits) {}
  ~Loop() override { Stop(); }

  // Queues an input from outside. Returns false and leaves both arguments untouched if the queue is
  // full or the loop is stopping. Any thread.
  [[nodiscard]] bool TryPush(In&& input, Reply<Out>&& reply) {
    return PushIfBelow(limits_.queue_max, std::move(input), std::move(reply));
  }
  // The answer to an input that TryPush did not take. Any thread.
  absl::Status Refusal() const {
    const std::lock_guard lock(mutex_);
    return stopping_ ? UnavailableError("this server is shutting down; retry") : OverloadedError();
  }
  // Queues an answer to something this process started. It is never refused, because the number of
  // such inputs is bounded by what was started. False only if the loop is stopping. Any thread.
  bool Push(In&& input) { return PushIfBelow(SIZE_MAX, std::move(input), Reply<Out>()); }
  // The same for an input that nobody waits for. It joins the next batch, and causes a batch itself
  // only after kDeferredMax, so under load it costs no commit of its own.
  bool PushDeferred(In&& input) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    queue_.push_back(std::move(input));
    queued_replies_.emplace_back();
    NoteDeferred();
    return true;
  }

 private:
  // Conflicts of one batch before it is halved, or of a single input before the loop gives it up.
  static constexpr int kConflictsPerSize = 3;
  static constexpr int kConflictsOfOneInput = 20;
  static constexpr int kReadsMax = 3;

  bool PushIfBelow(size_t limit, In&& input, Reply<Out>&& reply) {
    std::unique_lock lock(mutex_);
    if (stopping_ || queue_.size() >= limit) return false;
    queue_.push_back(std::move(input));
    queued_replies_.push_back(std::move(reply));
    urgent_ = true;
    const bool wake = std::exchange(idle_, false);
    Executor* const executor = executor_;
    lock.unlock();
    if (wake) executor->Wake();
    return true;
  }

  bool HasInputs() const override { return !queue_.empty(); }
  void TakeBatch() override {
    if (queue_.size() <= limits_.batch_max) {
      inputs_.swap(queue_);
      replies_.swap(queued_replies_);
      urgent_ = false;
      return;
    }
    TakeFront(queue_, inputs_);
    TakeFront(queued_replies_, replies_);
    urgent_ = true;  // because of the rest
  }
  template <class T>
  void TakeFront(std::vector<T>& from, std::vector<T>& to) {
    const auto end = from.begin() + static_cast<ptrdiff_t>(limits_.batch_max);
    to.assign(std::make_move_iterator(from.begin()), std::make_move_iterator(end));
    from.erase(from.begin(), end);
  }

  absl::Status LoadLogic() override {
    ClearPlan();
    return lane_.Load(
        [this](store::Snapshot& snapshot) { return logic_.Load(snapshot, MakeTick(), plan_); });
  }

  // --- A batch: read, decide, commit; in parts if it keeps meeting conflicts.

  std::span<const In> Part() const { return std::span(inputs_).subspan(part_begin_, part_size_); }

  void BeginBatch() override {
    part_begin_ = 0;
    part_size_ = inputs_.size();
    conflicts_ = 0;
    RunPart();
  }
  void FinishBatch() override { lane_.Finish(); }
  // A part that ends while it begins continues from here, so that many parts and conflicts need no
  // deeper stack than a single part.
  void RunPart() {
    again_ = true;
    if (std::exchange(running_, true)) return;
    while (std::exchange(again_, false)) Read(0);
    running_ = false;
  }
  void Read(int round) {
    if (round == 0) rows_.Clear();
    if (round < kReadsMax) logic_.Want(Part(), round, rows_);
    if (!rows_.HasWanted()) return Decide();
    lane_.Read(rows_, [this, round] { Read(round + 1); });
  }
  void Decide() {
    ClearPlan();
    logic_.Decide(Part(), rows_, MakeTick(), plan_);
    if (logic_.fence() != nullptr) logic_.Remember(std::move(plan_.memory));
    lane_.Commit(logic_.fence(), rows_,
                 [this](store::CommitResult result) { OnCommitted(result); });
  }
  void OnCommitted(const store::CommitResult& result) {
    if (result.committed == store::Committed::kConflict && logic_.fence() == nullptr) {
      return OnConflict();
    }
    if (!Settle(result, part_size_)) return EndBatch();
    if (observer_ != nullptr) observer_->OnDurable(rows_);
    if (logic_.fence() == nullptr) logic_.Remember(std::move(plan_.memory));
    RunPlan();
    TellDurable();
    NextPart();
  }
  void OnConflict() {
    CountConflict();
    ++conflicts_;
    if (part_size_ > 1 && conflicts_ % kConflictsPerSize == 0) part_size_ /= 2;
    if (part_size_ <= 1 && conflicts_ > kConflictsOfOneInput) {
      if (part_size_ == 1) GiveUp(inputs_[part_begin_], replies_[part_begin_]);
      return NextPart();
    }
    RunPart();
  }
  // A waiting caller repeats its input, but an input that nobody waits for would be lost.
  void GiveUp(In& input, Reply<Out>& reply) {
    if (reply.pending()) {
      return reply.Send(
          UnavailableError("others keep changing what this is about; repeat the same request"));
    }
    PushDeferred(std::move(input));
  }
  void NextPart() {
    part_begin_ += part_size_;
    if (part_begin_ == inputs_.size()) {
      inputs_.clear();
      replies_.clear();
      return EndBatch();
    }
    part_size_ = std::min(2 * part_size_, inputs_.size() - part_begin_);
    conflicts_ = 0;
    RunPart();
  }

  void RunPlan() override {
    if (!plan_.sends.empty()) sender_(std::exchange(plan_.sends, {}));
    for (auto& [input, out] : plan_.answers) replies_[part_begin_ + input].Send(std::move(out));
    for (const auto& [input, ticket] : plan_.parked) {
      parked_[ticket] = std::move(replies_[part_begin_ + input]);
    }
    SendLateAnswers();
    for (const log::Line& line : plan_.log) log::Write(line);
    ClearPlan();
  }
  void DropPlan() override {
    SendLateAnswers();
    ClearPlan();
  }
  void SendLateAnswers() {
    for (auto& [ticket, out] : plan_.late_answers) {
      if (auto waiting = parked_.extract(ticket)) waiting.mapped().Send(std::move(out));
    }
  }
  void DropBatch(const absl::Status& why) override {
    for (Reply<Out>& reply : replies_) {
      if (reply.pending()) reply.Send(why);
    }
    inputs_.clear();
    replies_.clear();
    ClearPlan();
  }
  void CloseLogic() override {
    ClearPlan();
    logic_.Close(plan_);
    RunPlan();
    parked_.clear();
  }
  void ClearPlan() {
    plan_.memory = {};
    plan_.sends.clear();
    plan_.answers.clear();
    plan_.parked.clear();
    plan_.late_answers.clear();
    plan_.log.clear();
  }
  Mono NextWake() const override { return logic_.NextWake(); }

  store::Lane& lane_;
  Logic<Io>& logic_;
  const Sender sender_;
  const LoopLimits limits_;
  std::vector<In> queue_;
  std::vector<Reply<Out>> queued_replies_;
  // The loop's thread only.
  std::vector<In> inputs_;
  std::vector<Reply<Out>> replies_;  // one per input; empty where nobody waits
  size_t part_begin_ = 0;            // of the inputs that are being decided
  size_t part_size_ = 0;
  int conflicts_ = 0;
  bool running_ = false;  // RunPart is
  bool again_ = false;    // and has to go on
  store::Rows rows_;
  Plan<Io> plan_;
  absl::flat_hash_map<Ticket, Reply<Out>> parked_;
};

}  // namespace seatsaga
