#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "orchestrator/core/domain_events.h"
#include "orchestrator/store/event_log.h"

// The domain events of a batch: their sequences are given, and they are stored, in the transaction
// of the transitions that they tell of.
namespace seatsaga::engine {

// What the engine remembers of the events that are stored.
struct EventsMemory {
  store::EventPositions positions{};
  int64_t next_number = 1;              // of the batch of events that is stored next
  int64_t oldest_number = 1;            // next_number if none is stored
  std::deque<store::EpochSpan> epochs;  // of the batches from the oldest on
  // The oldest batch is not older than this.
  absl::Time oldest_time = absl::InfiniteFuture();
  bool erasing = false;  // the next batch erases the oldest ones

  uint64_t EpochOf(int64_t number) const;
};

// What a batch changes of it.
struct EventsChange {
  std::array<uint32_t, store::kPartitions> added{};  // events, by partition
  std::optional<uint64_t> stored_in;                 // the epoch, if it stored any
  absl::Time stored_at;
  std::optional<bool> erasing;
  int64_t erased = 0;  // batches of events
  std::optional<absl::Time> oldest_time;
};

class EventWriting {
 public:
  // Batches of events that one batch erases at most. More than one, so that erasing keeps up.
  static constexpr int64_t kErasedAtOnce = 32;

  EventWriting(const EventsMemory& memory, EventsChange& change)
      : memory_(memory), change_(change) {}

  // What of the stored events the next batch needs.
  static void Want(const EventsMemory& memory, store::Rows& rows);

  // Takes the events of a transition. `after` is the state it led to.
  void Tell(const Id& saga_id, const core::DomainEventList& told, const core::State& after);
  // Writes what was told, and erases what is older than `kept`. Once, at the end.
  void Finish(uint64_t epoch, absl::Time now, absl::Duration kept, store::Rows& rows);

 private:
  void Erase(absl::Time now, absl::Duration kept, store::Rows& rows);

  const EventsMemory& memory_;
  EventsChange& change_;
  std::string told_;
};

// Takes in what a batch changed.
void Remember(const EventsChange& change, EventsMemory& memory);

absl::Status LoadEvents(store::Snapshot& snapshot, EventsMemory& memory);

}  // namespace seatsaga::engine
