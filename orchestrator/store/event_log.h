#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "orchestrator/store/record_codec.h"
#include "orchestrator/store/saga_record.pb.h"
#include "orchestrator/store/tables.h"

// The index of the domain events: one row for those of one or more commits
// (docs/adr/0016-events-are-indexed-not-stored-twice.md). Errors stick to the snapshot.
namespace seatsaga::store {

// The last sequence of each partition; 0: none.
using EventPositions = std::array<int64_t, kPartitions>;

// The key of a batch of events. Everything before {0, 0} is nothing.
struct EventBatchKey {
  uint64_t epoch = 0;
  int64_t number = 0;
  auto operator<=>(const EventBatchKey&) const = default;
};

// Every so many batches one holds the positions before it: so few must be read to know them all.
inline constexpr int64_t kBatchesPerCheckpoint = 256;

// Appends the events of one transition, whose history entry has this number, to the bytes of a
// batch.
void AppendEvents(const Id& saga_id, int64_t history_sequence, const ToldEvents& told,
                  std::string& batch);
// Appends the positions before it.
void AppendPositions(const EventPositions& positions, std::string& batch);

absl::StatusOr<orchestrator::store::StoredEventBatch> DecodeEvents(std::string_view batch);

// All zero unless it holds any. DataLoss if they are damaged.
absl::StatusOr<EventPositions> PositionsIn(const orchestrator::store::StoredEventBatch& batch);

// What was erased: {0, 0} and zeros if nothing was.
struct ErasedEvents {
  EventBatchKey last;
  EventPositions positions{};
};
absl::StatusOr<ErasedEvents> DecodeErased(const ErasedEventsRow& row);
ErasedEventsRow EncodeErased(const ErasedEvents& erased);
absl::StatusOr<ErasedEvents> ReadErased(Snapshot& snapshot);

// Where the events end.
struct EventsEnd {
  EventBatchKey last;
  EventPositions positions{};
  absl::Time last_time = absl::InfiniteFuture();  // of the last batch; infinite: there is none
};
absl::StatusOr<EventsEnd> ReadEventsEnd(Snapshot& snapshot);

// Calls `visit` for the batches after `after`, in the order of their keys, until it says false.
void VisitEvents(Snapshot& snapshot, const EventBatchKey& after,
                 absl::FunctionRef<bool(const RowView&)> visit);

// A run of batches of one epoch.
struct EpochSpan {
  uint64_t epoch = 0;
  int64_t first_number = 0;
};
// All of them, in order.
std::vector<EpochSpan> ReadEpochSpans(Snapshot& snapshot);

}  // namespace seatsaga::store
