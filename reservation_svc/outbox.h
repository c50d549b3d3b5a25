#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "common/id.h"
#include "reservation_svc/saga_starter.h"

namespace seatsaga::reservation {

struct OutboxLimits {
  size_t sagas_per_call = 256;
  size_t calls_in_flight = 4;
  // Between tries of one saga, and between calls while the orchestrator does not answer: doubled
  // each time, and somewhere in the upper half of that.
  absl::Duration backoff_base = absl::Milliseconds(50);
  absl::Duration backoff_cap = absl::Seconds(1);
};

// Which reservations' sagas still have to be started, and when to try: ids in memory, the rest is
// read from the database when it is sent. A call without an answer makes the next ones fewer, later
// and smaller, so that neither a dead orchestrator nor one saga that it chokes on costs the others
// much. Pure, but for what it remembers. Writer thread only.
class Outbox {
 public:
  explicit Outbox(OutboxLimits limits = {}) : limits_(limits), call_size_(limits.sagas_per_call) {}

  // Forgets everything, calls in flight included, and queues `pending`, in that order.
  void Reset(const std::vector<Id>& pending);
  void Add(const Id& id);
  // The saga is known to have been started.
  void Forget(const Id& id) { failures_.erase(id); }

  struct Call {
    int64_t number = 0;
    std::vector<Id> ids;
  };
  // The next call to make now; ask again until nullopt.
  std::optional<Call> TakeCall(absl::Time now);
  // Those that were not started are tried again later. A result from before Reset is ignored.
  void OnResult(const StartResult& result, absl::Time now);
  // When TakeCall must be asked again at the latest; InfiniteFuture for never.
  absl::Time NextWake() const;

  // How many sagas are not known to be started.
  size_t size() const { return failures_.size(); }

 private:
  void QueueDueRetries(absl::Time now);
  size_t CallsAllowed() const { return calls_failed_ == 0 ? limits_.calls_in_flight : 1; }
  void OnAnswered();
  void OnUnanswered(const std::vector<Id>& ids, absl::Time now);
  absl::Time RetryTime(const Id& id, int failures, absl::Time now) const;

  const OutboxLimits limits_;
  absl::flat_hash_map<Id, int> failures_;      // of each saga not known to be started
  std::deque<Id> ready_;                       // may hold forgotten ids; skipped when taken
  std::set<std::pair<absl::Time, Id>> later_;  // the same
  absl::flat_hash_map<int64_t, std::vector<Id>> in_flight_;
  int64_t last_call_ = 0;
  size_t call_size_;
  int calls_failed_ = 0;  // since the last answer
  absl::Time paused_until_ = absl::InfinitePast();
};

}  // namespace seatsaga::reservation
