#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/loop_host.h"
#include "common/reply.h"

// The heart of every SeatSaga process (DESIGN §4): inputs queue, ONE thread takes whatever has
// queued, applies it in one database transaction, commits once, and only then answers and sends.
// That thread is the loop's own, or the process' I/O thread, which takes its turn when no more
// events have arrived (docs/adr/0008).
namespace seatsaga {

// What a batch leaves to be done once its outcome is known. Filled by `Apply`; run by the loop, in
// order, after the commit. Used by the writer thread only.
class AfterCommit {
 public:
  // Runs only if the batch became durable: a call to another process, a result to hand on.
  void Then(absl::AnyInvocable<void() &&> action) { actions_.push_back(std::move(action)); }

  // Answers once durable. If the commit fails the reply is dropped, which answers UNAVAILABLE:
  // nothing is acknowledged that is not on disk.
  template <class T>
  void Answer(Reply<T> reply, absl::StatusOr<T> answer) {
    Then([reply = std::move(reply), answer = std::move(answer)]() mutable {
      reply.Send(std::move(answer));
    });
  }

  // Adds what `later` holds behind what is here already.
  void Append(AfterCommit&& later);

  // For the loop: runs and forgets all actions, in order.
  void Run();
  // For the loop: forgets all actions; their replies answer UNAVAILABLE.
  void Drop() { actions_.clear(); }

 private:
  std::vector<absl::AnyInvocable<void() &&>> actions_;
};

// One transaction at a time on the process' database. Called by the writer thread only.
class Transactions {
 public:
  virtual ~Transactions() = default;
  virtual void Begin() = 0;
  // Durable when it returns Ok. On any error nothing of the transaction remains. Cheap when nothing
  // was written.
  virtual absl::Status Commit() = 0;
};

// The logic of a process. Every method runs on the writer thread, so no implementation needs a
// lock.
template <class Input>
class BatchHandler {
 public:
  virtual ~BatchHandler() = default;

  // Rebuilds everything kept in memory from the database: at start, and after a commit that failed.
  // May add work that was outstanding to `after`.
  virtual absl::Status Load(absl::Time now, AfterCommit& after) = 0;

  // Applies a batch inside the open transaction. Also called with an empty batch when NextWake has
  // come. No clock, network, thread or unseeded randomness: the same inputs give the same effects.
  virtual void Apply(std::vector<Input>& batch, absl::Time now, AfterCommit& after) = 0;

  // When Apply must next be called even if nothing arrives; InfiniteFuture for never.
  virtual absl::Time NextWake() const { return absl::InfiniteFuture(); }
};

struct BatchLoopLimits {
  // Inputs that may wait; one more is refused by TryPush.
  size_t queue_max = 8192;
  // Inputs applied in one transaction.
  size_t batch_max = 512;
};

// Counters since the start. Read from any thread.
struct BatchLoopStats {
  int64_t batches = 0;
  int64_t inputs = 0;
  int64_t commit_failures = 0;
};

namespace internal {

// Everything of the loop that does not depend on the type of its inputs.
class BatchLoopBase : private LoopGuest {
 public:
  ~BatchLoopBase() override;

  // Loads on the calling thread, then runs: on a thread of its own, or on that of `host`, which
  // must outlive the loop's Stop. Returns the first load's error, after which the loop does not
  // run. Not thread-safe; call one of them once.
  absl::Status Start();
  absl::Status Start(LoopHost& host);
  // Refuses further pushes and applies, on the calling thread, everything that has queued. Nothing
  // runs after it. Not from inside a turn. Idempotent.
  void Stop();
  BatchLoopStats stats() const;

 protected:
  explicit BatchLoopBase(Transactions& transactions) : transactions_(transactions) {}

  // Called with `mutex_` held.
  virtual bool HasInputs() const = 0;
  virtual void TakeBatch() = 0;
  // Called by the writer thread alone.
  virtual absl::Status LoadHandler(absl::Time now, AfterCommit& after) = 0;
  virtual size_t ApplyBatch(absl::Time now, AfterCommit& after) = 0;
  virtual void DropBatch() = 0;
  virtual absl::Time NextWake() const = 0;

  static constexpr absl::Duration kUnhurriedMax = absl::Milliseconds(5);

  // With `mutex_` held.
  void NoteUnhurried();

  mutable std::mutex mutex_;
  LoopHost* host_ = nullptr;  // null before Start and after Stop
  bool stopping_ = false;
  bool idle_ = false;     // the writer waits, and an input must wake it
  bool hurried_ = false;  // among the inputs is one that somebody waits for
  absl::Time unhurried_due_ = absl::InfiniteFuture();  // when the others have waited long enough

 private:
  absl::Time PrepareWait() override;
  void EndWait() override;
  void RunDue() override;

  bool Unfinished() const;
  void TakeTurn();
  void RunBatch();
  absl::Status Load();
  void Reload();

  Transactions& transactions_;
  BatchLoopStats stats_;
  std::unique_ptr<LoopHost> own_host_;
  // Writer thread only.
  absl::Time due_;           // when a turn is due without inputs
  bool recovering_ = false;  // what the first load left in `after_` has not run yet
  bool healthy_ = true;      // false from a failed commit to a successful reload
  AfterCommit after_;
};

}  // namespace internal

template <class Input>
class BatchLoop final : public internal::BatchLoopBase {
 public:
  // `transactions` and `handler` must outlive the loop.
  BatchLoop(Transactions& transactions, BatchHandler<Input>& handler, BatchLoopLimits limits = {})
      : BatchLoopBase(transactions), handler_(handler), limits_(limits) {}
  ~BatchLoop() override { Stop(); }

  // Queues an input from outside; false, and `input` untouched, when the queue is full or the loop
  // is stopping. Any thread.
  [[nodiscard]] bool TryPush(Input&& input) {
    return PushIfBelow(std::move(input), limits_.queue_max);
  }

  // What to answer an input that TryPush did not take: full, or stopping. Any thread.
  absl::Status Refusal() const {
    const std::lock_guard lock(mutex_);
    return stopping_ ? UnavailableError("this server is shutting down; retry") : OverloadedError();
  }

  // Queues an answer to something this process started, which must not be refused: such inputs are
  // bounded by what was started. False only when the loop is stopping. Any thread.
  bool Push(Input&& input) { return PushIfBelow(std::move(input), SIZE_MAX); }

  // The same for what nobody waits for: it shares the next batch that others cause, and causes one
  // itself only after kUnhurriedMax. So it costs no commit of its own under load.
  bool PushUnhurried(Input&& input) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    queue_.push_back(std::move(input));
    NoteUnhurried();
    return true;
  }

 private:
  bool PushIfBelow(Input&& input, size_t limit) {
    std::unique_lock lock(mutex_);
    if (stopping_ || queue_.size() >= limit) return false;
    queue_.push_back(std::move(input));
    hurried_ = true;
    const bool wake = std::exchange(idle_, false);
    LoopHost* const host = host_;
    lock.unlock();
    if (wake) host->Wake();
    return true;
  }

  bool HasInputs() const override { return !queue_.empty(); }
  void TakeBatch() override {
    if (queue_.size() <= limits_.batch_max) {
      batch_.swap(queue_);
      hurried_ = false;
      return;
    }
    const auto end = queue_.begin() + static_cast<ptrdiff_t>(limits_.batch_max);
    batch_.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
    queue_.erase(queue_.begin(), end);
    hurried_ = true;  // for the rest
  }
  absl::Status LoadHandler(absl::Time now, AfterCommit& after) override {
    return handler_.Load(now, after);
  }
  size_t ApplyBatch(absl::Time now, AfterCommit& after) override {
    const size_t size = batch_.size();
    handler_.Apply(batch_, now, after);
    batch_.clear();
    return size;
  }
  void DropBatch() override { batch_.clear(); }
  absl::Time NextWake() const override { return handler_.NextWake(); }

  BatchHandler<Input>& handler_;
  const BatchLoopLimits limits_;
  std::vector<Input> queue_;
  std::vector<Input> batch_;
};

}  // namespace seatsaga
