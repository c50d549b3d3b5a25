#include "orchestrator/engine/events.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace seatsaga::engine {
namespace {

// Erasing begins when the oldest events are a little too old, so that it has something to do, and
// most batches look nothing up.
absl::Duration SlackOf(absl::Duration kept) { return std::min(kept / 16, absl::Hours(1)); }

// A saga of a newer id than this much before the last row was written may end before its events are
// in a row: so few sagas must be read to find them again.
constexpr absl::Duration kNewest = absl::Seconds(5);

Id NewestFrom(absl::Time last_stored) {
  return last_stored == absl::InfiniteFuture() ? EventsMemory::NoneIsNewest()
                                               : Id::LowerBound(last_stored - kNewest);
}

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

Id EventsMemory::NoneIsNewest() { return *Id::FromBytes(std::string(Id::kSize, '\xff')); }

uint64_t EventsMemory::EpochOf(int64_t number) const {
  uint64_t epoch = 0;
  for (const store::EpochSpan& span : epochs) {
    if (span.first_number > number) break;
    epoch = span.epoch;
  }
  return epoch;
}

// The last one stays: it says which sagas may have told events that are in no row.
void EventWriting::Want(const EventsMemory& memory, store::Rows& rows) {
  if (!memory.erasing) return;
  rows.Want(store::kErasedEvents, store::ErasedEventsRow::kOnly);
  const int64_t end = std::min(memory.oldest_number + kErasedAtOnce, memory.next_number - 1);
  for (int64_t number = memory.oldest_number; number < end; ++number) {
    rows.Want(store::kEventBatches, memory.EpochOf(number), number);
  }
}

store::ToldEvents EventWriting::Tell(const Id& saga_id, const core::DomainEventList& types,
                                     const core::State& after) {
  store::ToldEvents told{.types = types};
  if (told.types.empty()) return told;
  int64_t& position = PositionOf(store::PartitionOf(saga_id));
  told.first_sequence = position + 1;
  position += static_cast<int64_t>(told.types.size());
  if (after.phase == core::Phase::kWaiting) told.hold_expiry = after.hold->expiry;
  store::AppendEvents(saga_id, after.sequence, told, change_.told);
  return told;
}

int64_t& EventWriting::PositionOf(int partition) {
  uint16_t& place = places_[static_cast<size_t>(partition)];
  if (place == 0) {
    change_.positions.emplace_back(partition, memory_.positions[static_cast<size_t>(partition)]);
    place = static_cast<uint16_t>(change_.positions.size());
  }
  return change_.positions[place - 1U].second;
}

void EventWriting::SetWatched(bool watched) {
  change_.watched = watched;
  must_store_ |= watched;
}

void EventWriting::Finish(uint64_t epoch, absl::Time now, absl::Duration kept, store::Rows& rows) {
  if (memory_.erasing) {
    Erase(now, kept, rows);
  } else if (memory_.oldest_time + kept + SlackOf(kept) <= now) {
    change_.erasing = true;
  }
  const size_t size = memory_.waiting.size() + change_.told.size();
  if (size == 0) return;
  const bool is_full =
      size >= kBytesWaitingMax || memory_.commits_waiting + 1 >= kCommitsWaitingMax;
  if (!must_store_ && !is_full) return;
  std::string events = memory_.waiting + change_.told;
  if (memory_.next_number % store::kBatchesPerCheckpoint == 0) {
    store::AppendPositions(memory_.in_rows, events);
  }
  rows.Insert(store::kEventBatches, {epoch, memory_.next_number, now, std::move(events)});
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
  const int64_t end = std::min(memory_.oldest_number + kErasedAtOnce, memory_.next_number - 1);
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
    change_.erasing = number + 1 == end && end < memory_.next_number - 1;
  }
  if (change_.erased == 0) return;
  store::ErasedEventsRow after = store::EncodeErased(*erased);
  if (before == nullptr) {
    rows.Insert(store::kErasedEvents, std::move(after));
  } else {
    rows.Update(store::kErasedEvents, *before) = std::move(after);
  }
}

void Remember(EventsChange&& change, EventsMemory& memory) {
  if (change.watched.has_value()) memory.watched = *change.watched;
  if (change.erasing.has_value()) memory.erasing = *change.erasing;
  if (change.oldest_time.has_value()) memory.oldest_time = *change.oldest_time;
  memory.oldest_number += change.erased;
  while (memory.epochs.size() > 1 && memory.epochs[1].first_number <= memory.oldest_number) {
    memory.epochs.pop_front();
  }
  for (const auto& [partition, position] : change.positions) {
    memory.positions[static_cast<size_t>(partition)] = position;
  }
  if (!change.stored_in.has_value()) {
    if (change.told.empty()) return;
    memory.waiting += change.told;
    ++memory.commits_waiting;
    return;
  }
  memory.waiting.clear();
  memory.commits_waiting = 0;
  memory.in_rows = memory.positions;
  memory.newest_from = NewestFrom(change.stored_at);
  if (memory.oldest_number == memory.next_number) memory.oldest_time = change.stored_at;
  if (memory.epochs.empty() || memory.epochs.back().epoch != *change.stored_in) {
    memory.epochs.push_back({*change.stored_in, memory.next_number});
  }
  ++memory.next_number;
}

absl::Status EventsLoading::ReadRows(store::Snapshot& snapshot) {
  memory_ = {.watched = memory_.watched};
  const absl::StatusOr<store::EventsEnd> end = store::ReadEventsEnd(snapshot);
  if (!end.ok()) return end.status();
  memory_.positions = memory_.in_rows = end->positions;
  memory_.newest_from = NewestFrom(end->last_time);
  memory_.next_number = end->last.number + 1;
  memory_.oldest_number = memory_.next_number;
  const auto spans = store::ReadEpochSpans(snapshot);
  memory_.epochs.assign(spans.begin(), spans.end());
  const store::Scan first{.table = &store::kEventBatches.info(), .limit = 1};
  if (const auto oldest = snapshot.First(store::kEventBatches, first)) {
    memory_.oldest_number = oldest->number;
    memory_.oldest_time = oldest->time;
  }
  return absl::OkStatus();
}

// Its older entries, in rows of their own, have told nothing that waits: see Deciding::Write.
void EventsLoading::Take(const store::SagaRow& row) {
  orchestrator::store::StoredHistory history;
  const auto state = store::DecodeState(row.state);
  if (!state.ok() || !history.ParseFromString(row.history)) return;
  const int64_t in_rows = memory_.in_rows[static_cast<size_t>(store::PartitionOf(row.id))];
  int64_t sequence = state->sequence - history.events_size();
  for (const auto& entry : history.events()) {
    ++sequence;
    if (entry.first_told() > in_rows) found_.push_back({row.id, sequence, store::ToldBy(entry)});
  }
}

void EventsLoading::TakeNewest(store::Snapshot& snapshot) {
  const store::Scan newest{.table = &store::kSagas.info(),
                           .beyond = store::ValueOf(memory_.newest_from),
                           .inclusive = true};
  snapshot.Visit(newest, [this](const store::RowView& view) {
    Take(store::kSagas.Load(view));
    return true;
  });
}

void EventsLoading::Finish() {
  const auto place = [](const Found& found) {
    return std::tuple(store::PartitionOf(found.saga_id), found.told.first_sequence);
  };
  std::sort(found_.begin(), found_.end(),
            [&](const Found& a, const Found& b) { return place(a) < place(b); });
  const auto end = std::unique(found_.begin(), found_.end(), [&](const Found& a, const Found& b) {
    return place(a) == place(b);
  });
  for (auto found = found_.begin(); found != end; ++found) {
    store::AppendEvents(found->saga_id, found->history_sequence, found->told, memory_.waiting);
    memory_.positions[static_cast<size_t>(store::PartitionOf(found->saga_id))] =
        found->told.first_sequence - 1 + static_cast<int64_t>(found->told.types.size());
  }
  if (!memory_.waiting.empty()) memory_.commits_waiting = EventWriting::kCommitsWaitingMax;
}

}  // namespace seatsaga::engine
