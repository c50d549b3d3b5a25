#pragma once

#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "bench/in_process/must.h"
#include "common/batch_loop.h"

namespace seatsaga::bench {

// What the batch loop does with its handler, without its thread, its locks and its clock: a batch
// is applied when the caller says so, at the time that the caller says. One thread.
template <class Input>
class Writer {
 public:
  // Loads the handler. Both must outlive the writer.
  Writer(Transactions& transactions, BatchHandler<Input>& handler, absl::Time now)
      : transactions_(transactions), handler_(handler) {
    transactions_.Begin();
    Must(handler_.Load(now, after_));
    Must(transactions_.Commit());
    after_.Run();
  }

  void Push(Input input) { queue_.push_back(std::move(input)); }
  bool HasWork(absl::Time now) const { return !queue_.empty() || handler_.NextWake() <= now; }

  // Everything that has queued, in one transaction; then the answers and calls that it leaves.
  void RunBatch(absl::Time now) {
    transactions_.Begin();
    Apply(now);
    Must(transactions_.Commit());
    after_.Run();
  }

  // The same within a transaction that the caller has begun and will never commit: what the logic
  // costs without the disk.
  void RunUncommitted(absl::Time now) {
    Apply(now);
    after_.Run();
  }

 private:
  void Apply(absl::Time now) {
    batch_.swap(queue_);
    handler_.Apply(batch_, now, after_);
    batch_.clear();
  }

  Transactions& transactions_;
  BatchHandler<Input>& handler_;
  std::vector<Input> queue_;
  std::vector<Input> batch_;
  AfterCommit after_;
};

}  // namespace seatsaga::bench
