#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "orchestrator/store/event_log.h"

// The domain events. Their sequences are given, and kept in the sagas' histories, in the
// transaction of the transitions that they tell of. Readers find them by the rows of event_batches,
// which are an index: while nobody watches, events of several commits wait in memory for one row.
// After a crash they are found again in the histories of the sagas that may have told them: the
// live ones, and those of the newest ids. A saga with another id does not end before its events are
// in a row.
namespace seatsaga::engine {

// What the engine remembers of the events.
struct EventsMemory {
  store::EventPositions positions{};  // the last sequence of each partition
  store::EventPositions in_rows{};    // of those that are in rows
  std::string waiting;                // StoredEventBatch: the others
  int commits_waiting = 0;            // which told those
  Id newest_from = NoneIsNewest();    // sagas of this id or a higher one may end at any time
  bool watched = false;               // somebody reads: nothing waits

  int64_t next_number = 1;              // of the batch of events that is stored next
  int64_t oldest_number = 1;            // next_number if none is stored
  std::deque<store::EpochSpan> epochs;  // of the batches from the oldest on
  // The oldest batch is not older than this.
  absl::Time oldest_time = absl::InfiniteFuture();
  bool erasing = false;  // the next batch erases the oldest ones

  uint64_t EpochOf(int64_t number) const;
  static Id NoneIsNewest();  // above every id
};

// What a batch changes of it.
struct EventsChange {
  absl::InlinedVector<std::pair<int, int64_t>, 4> positions;  // of partitions that told any
  std::string told;                   // StoredEventBatch: they wait from now on
  std::optional<uint64_t> stored_in;  // all are in rows now; the epoch of the row
  absl::Time stored_at;
  std::optional<bool> watched;
  std::optional<bool> erasing;
  int64_t erased = 0;  // batches of events
  std::optional<absl::Time> oldest_time;
};

class EventWriting {
 public:
  // Batches of events that one batch erases at most. More than one, so that erasing keeps up.
  static constexpr int64_t kErasedAtOnce = 32;
  // What may wait while nobody watches.
  static constexpr int kCommitsWaitingMax = 32;
  static constexpr size_t kBytesWaitingMax = 16 << 10;

  EventWriting(const EventsMemory& memory, EventsChange& change)
      : memory_(memory), change_(change), must_store_(memory.watched) {}

  // What of the stored events the next batch needs.
  static void Want(const EventsMemory& memory, store::Rows& rows);

  // Takes the events of a transition, and gives them their sequences. `after` is the state it led
  // to.
  store::ToldEvents Tell(const Id& saga_id, const core::DomainEventList& types,
                         const core::State& after);
  // This saga's events cannot be found in its history any more after a crash.
  void Forget(const Id& saga_id) { must_store_ |= saga_id < memory_.newest_from; }
  // Nothing may wait after this batch.
  void MustStore() { must_store_ = true; }
  void SetWatched(bool watched);
  // Writes what was told, or lets it wait, and erases what is older than `kept`. Once, at the end.
  void Finish(uint64_t epoch, absl::Time now, absl::Duration kept, store::Rows& rows);

 private:
  void Erase(absl::Time now, absl::Duration kept, store::Rows& rows);
  // The last sequence of the partition, as the batch has it by now.
  int64_t& PositionOf(int partition);

  const EventsMemory& memory_;
  EventsChange& change_;
  bool must_store_;
  std::array<uint16_t, store::kPartitions> places_{};  // in change_.positions, from 1; 0: none
};

// Takes in what a batch changed.
void Remember(EventsChange&& change, EventsMemory& memory);

// Makes the memory anew from the store: first from the rows, then from the histories of the sagas.
class EventsLoading {
 public:
  explicit EventsLoading(EventsMemory& memory) : memory_(memory) {}

  absl::Status ReadRows(store::Snapshot& snapshot);
  // A saga that may have told events which are in no row. The same one may be given twice.
  void Take(const store::SagaRow& row);
  // Takes all others that may have.
  void TakeNewest(store::Snapshot& snapshot);
  void Finish();

 private:
  struct Found {
    Id saga_id;
    int64_t history_sequence;
    store::ToldEvents told;
  };

  EventsMemory& memory_;
  std::vector<Found> found_;
};

}  // namespace seatsaga::engine
