#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "common/backoff.h"
#include "common/clock.h"
#include "common/due_queue.h"
#include "common/id.h"
#include "common/random.h"

namespace seatsaga::reservation {

struct OutboxLimits {
  size_t messages_per_call = 256;
  size_t calls_in_flight = 4;
  // The delay between tries of one message, and between calls while the orchestrator does not
  // answer. It is a random time in the upper half of a time that doubles with each failure.
  BackoffLimits backoff = {.base = absl::Milliseconds(50), .cap = absl::Seconds(1)};
};

// How a call ended.
struct CallResult {
  int64_t call = 0;
  bool answered = false;      // false: no answer, so nothing is known of its messages
  std::vector<Id> delivered;  // need not be sent again
};

// Of which reservations the orchestrator has to be told something, and when to try. What to tell it
// is decided when a call is taken. After a call without an answer, the next calls are fewer, later
// and smaller, so that neither a dead orchestrator nor one message that it cannot handle costs the
// others much. Plain memory: an OutboxBatch decides, and Remember changes. Not thread-safe.
class Outbox {
 public:
  // When a message is tried next, and how often that has failed.
  struct Entry {
    int failures = 0;
    Mono due = Mono::InfiniteFuture();  // never: its call is in flight
    int64_t call = 0;                   // this one; the results of others are not about this entry
  };
  // How well the orchestrator answers.
  struct Pace {
    size_t call_size = 0;
    int calls_failed = 0;  // since the last answer
    Mono paused_until = Mono::InfinitePast();
    int64_t last_call = 0;
  };
  // The changes of one batch.
  struct Change {
    // In this order. New or changed; without an entry: gone.
    std::vector<std::pair<Id, std::optional<Entry>>> entries;
    std::vector<std::pair<int64_t, std::vector<Id>>> calls;  // made
    std::vector<int64_t> ended;                              // calls
    Pace pace;
  };

  explicit Outbox(OutboxLimits limits = {}) : limits_(limits) {
    pace_.call_size = limits.messages_per_call;
  }

  // Forgets everything, calls in flight included: their results will be ignored.
  void Clear();
  // To be tried from `due` on.
  void Add(const Id& id, Mono due) { Set(id, {.due = due}); }
  void Remember(Change&& change);

  // The latest time at which a batch must take calls again; InfiniteFuture for never.
  Mono NextWake() const;
  // How many reservations wait to be told of.
  size_t size() const { return entries_.size(); }
  bool Has(const Id& id) const { return entries_.contains(id); }

 private:
  friend class OutboxBatch;

  size_t CallsAllowed(const Pace& pace) const {
    return pace.calls_failed == 0 ? limits_.calls_in_flight : 1;
  }
  void Set(const Id& id, Entry entry);
  void Forget(const Id& id);

  const OutboxLimits limits_;
  absl::flat_hash_map<Id, Entry> entries_;
  DueQueue<Id> queue_;
  absl::flat_hash_map<int64_t, std::vector<Id>> in_flight_;
  Pace pace_;
};

// One batch's work on an outbox, which must outlive it and not change meanwhile. Results and
// additions come first, then the calls.
class OutboxBatch {
 public:
  OutboxBatch(const Outbox& outbox, Mono now, uint64_t random)
      : outbox_(outbox), now_(now), random_(random), change_{.pace = outbox.pace_} {}

  // There is something to tell, also if something else is being told just now.
  void Add(const Id& id) { added_.push_back(id); }
  // What was not delivered is tried again later. A result from before Clear is ignored.
  void OnResult(const CallResult& result);

  // The number of the next call to make now; repeat until nullopt. The call is for those ids for
  // which `take(id)` is true, in this order. Of the others there is nothing to tell any more.
  std::optional<int64_t> TakeCall(absl::FunctionRef<bool(const Id&)> take);
  // After the calls.
  Outbox::Change TakeChange();

 private:
  void OnUnanswered();
  void FindDue();
  Mono RetryTime(int failures);

  const Outbox& outbox_;
  const Mono now_;
  Random random_;
  Outbox::Change change_;
  std::vector<Id> added_;
  std::optional<std::vector<Id>> due_;  // of those that were there before, once looked for
  size_t next_due_ = 0;
  size_t next_added_ = 0;
};

}  // namespace seatsaga::reservation
