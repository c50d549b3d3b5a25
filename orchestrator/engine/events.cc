#include "orchestrator/engine/events.h"

#include <algorithm>
#include <utility>

namespace seatsaga::engine {
namespace {

// Erasing begins when the oldest events are a little too old, so that it has something to do, and
// most batches look nothing up.
absl::Duration SlackOf(absl::Duration kept) { return std::min(kept / 16, absl::Hours(1)); }

// Takes the events of a batch into what is erased.
absl::Status Include(const store::EventBatchRow& row, store::ErasedEvents& erased) {
  const auto batch = store::DecodeEvents(row.events);
  if (!batch.ok()) return batch.status();
  for (const auto& events : batch->events()) {
    const auto partition =
        static_cast<size_t>(store::PartitionOf(*Id::FromBytes(events.saga_id())));
    erased.positions[partition] =
        events.first_sequence() - 1 + static_cast<int64_t>(events.types().size());
  }
  erased.last = {row.epoch, row.number};
  return absl::OkStatus();
}

}  // namespace

uint64_t EventsMemory::EpochOf(int64_t number) const {
  uint64_t epoch = 0;
  for (const store::EpochSpan& span : epochs) {
    if (span.first_number > number) break;
    epoch = span.epoch;
  }
  return epoch;
}

void EventWriting::Want(const EventsMemory& memory, store::Rows& rows) {
  if (!memory.erasing) return;
  rows.Want(store::kErasedEvents, store::ErasedEventsRow::kOnly);
  const int64_t end = std::min(memory.oldest_number + kErasedAtOnce, memory.next_number);
  for (int64_t number = memory.oldest_number; number < end; ++number) {
    rows.Want(store::kEventBatches, memory.EpochOf(number), number);
  }
}

void EventWriting::Tell(const Id& saga_id, const core::DomainEventList& told,
                        const core::State& after) {
  const auto partition = static_cast<size_t>(store::PartitionOf(saga_id));
  uint32_t& added = change_.added[partition];
  const int64_t first = memory_.positions[partition] + added + 1;
  added += static_cast<uint32_t>(told.size());
  const absl::Time hold_expiry = after.phase == core::Phase::kWaiting && after.hold.has_value()
                                     ? after.hold->expiry
                                     : absl::InfiniteFuture();
  store::AppendEvents(saga_id, after.sequence, first, told, hold_expiry, told_);
}

void EventWriting::Finish(uint64_t epoch, absl::Time now, absl::Duration kept, store::Rows& rows) {
  if (memory_.erasing) {
    Erase(now, kept, rows);
  } else if (memory_.oldest_time + kept + SlackOf(kept) <= now) {
    change_.erasing = true;
  }
  if (told_.empty()) return;
  if (memory_.next_number % store::kBatchesPerCheckpoint == 0) {
    store::AppendPositions(memory_.positions, told_);
  }
  rows.Insert(store::kEventBatches, {epoch, memory_.next_number, now, std::move(told_)});
  change_.stored_in = epoch;
  change_.stored_at = now;
}

void EventWriting::Erase(absl::Time now, absl::Duration kept, store::Rows& rows) {
  const store::ErasedEventsRow* before =
      rows.Find(store::kErasedEvents, store::ErasedEventsRow::kOnly);
  absl::StatusOr<store::ErasedEvents> erased =
      before == nullptr ? store::ErasedEvents{} : store::DecodeErased(*before);
  change_.erasing = false;
  change_.oldest_time = absl::InfiniteFuture();
  const int64_t end = std::min(memory_.oldest_number + kErasedAtOnce, memory_.next_number);
  for (int64_t number = memory_.oldest_number; erased.ok() && number < end; ++number) {
    const auto* row = rows.Find(store::kEventBatches, memory_.EpochOf(number), number);
    const bool old = row != nullptr && row->time + kept <= now;
    if (row == nullptr || (old && !Include(*row, *erased).ok())) {  // damaged: is kept for good
      change_.erasing = false;
      change_.oldest_time = absl::InfiniteFuture();
      break;
    }
    change_.oldest_time = row->time;
    if (!old) break;
    rows.Erase(store::kEventBatches, *row);
    ++change_.erased;
    change_.erasing = number + 1 == end && end < memory_.next_number;
  }
  if (change_.erased == 0) return;
  store::ErasedEventsRow after = store::EncodeErased(*erased);
  if (before == nullptr) {
    rows.Insert(store::kErasedEvents, std::move(after));
  } else {
    rows.Update(store::kErasedEvents, *before) = std::move(after);
  }
}

void Remember(const EventsChange& change, EventsMemory& memory) {
  if (change.erasing.has_value()) memory.erasing = *change.erasing;
  if (change.oldest_time.has_value()) memory.oldest_time = *change.oldest_time;
  memory.oldest_number += change.erased;
  if (memory.oldest_number == memory.next_number) memory.oldest_time = absl::InfiniteFuture();
  while (memory.epochs.size() > 1 && memory.epochs[1].first_number <= memory.oldest_number) {
    memory.epochs.pop_front();
  }
  if (!change.stored_in.has_value()) return;
  for (size_t i = 0; i < memory.positions.size(); ++i) memory.positions[i] += change.added[i];
  if (memory.oldest_number == memory.next_number) memory.oldest_time = change.stored_at;
  if (memory.epochs.empty() || memory.epochs.back().epoch != *change.stored_in) {
    memory.epochs.push_back({*change.stored_in, memory.next_number});
  }
  ++memory.next_number;
}

absl::Status LoadEvents(store::Snapshot& snapshot, EventsMemory& memory) {
  memory = {};
  const absl::StatusOr<store::EventsEnd> end = store::ReadEventsEnd(snapshot);
  if (!end.ok()) return end.status();
  memory.positions = end->positions;
  memory.next_number = end->last.number + 1;
  memory.oldest_number = memory.next_number;
  const auto spans = store::ReadEpochSpans(snapshot);
  memory.epochs.assign(spans.begin(), spans.end());
  if (const auto oldest = snapshot.First(store::kEventBatches,
                                         {.table = &store::kEventBatches.info(), .limit = 1})) {
    memory.oldest_number = oldest->number;
    memory.oldest_time = oldest->time;
  }
  return absl::OkStatus();
}

}  // namespace seatsaga::engine
