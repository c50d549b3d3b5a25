#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "common/id.h"
#include "common/store/lane.h"
#include "common/store/table.h"

// The orchestrator's tables. docs/data-model.md tells what they are for.
namespace seatsaga::store {

// A saga, encoded. The engine keeps those of live sagas in memory, so that a transition re-encodes
// only what it changed.
struct SagaRow {
  Id id;
  bool live = true;        // until terminal
  int view = 0;            // orchestrator.v1.SagaState
  bool attention = false;  // an operator should look
  absl::Time updated;
  std::string state;    // StoredState
  SharedBytes data;     // orchestrator.v1.SagaData
  std::string history;  // StoredHistory: the newest entries
};
inline constexpr auto kSagas = MakeTable<SagaRow>(
    "sagas", Key<&SagaRow::id>("id"), Field<&SagaRow::live>("live"), Field<&SagaRow::view>("view"),
    Field<&SagaRow::attention>("attention"), Field<&SagaRow::updated>("updated"),
    Field<&SagaRow::state>("state", kBytes), Field<&SagaRow::data>("data"),
    Field<&SagaRow::history>("history", kBytes), KeysRise(),
    Index<&SagaRow::id>("sagas_live", "live = 1",
                        [](const void* row) { return static_cast<const SagaRow*>(row)->live; }));
inline constexpr int kLiveSagas = 0;  // the index, for scans
// What every transition writes.
inline constexpr ColumnMask kChanging =
    decltype(kSagas)::Mask<&SagaRow::view, &SagaRow::attention, &SagaRow::updated, &SagaRow::state,
                           &SagaRow::history>();

// Older entries of a long history, moved here so that a transition rewrites little.
struct HistoryRow {
  Id saga_id;
  int64_t first_sequence = 0;
  std::string history;  // StoredHistory
};
inline constexpr auto kHistory =
    MakeTable<HistoryRow>("saga_history", Key<&HistoryRow::saga_id>("saga_id"),
                          Key<&HistoryRow::first_sequence>("first_sequence"),
                          Field<&HistoryRow::history>("history", kBytes));

// Who commands the sagas of a partition, as far as this store knows.
struct PartitionRow {
  int32_t partition = 0;
  uint64_t epoch = 0;
  Id holder;
};
inline constexpr auto kOwners = MakeTable<PartitionRow>(
    "partitions", Key<&PartitionRow::partition>("partition"), Field<&PartitionRow::epoch>("epoch"),
    Field<&PartitionRow::holder>("holder"));

// When an operator decided that this store is used although it may be outdated, and why.
struct TakeoverRow {
  absl::Time at;
  std::string reason;
};
inline constexpr auto kTakeovers = MakeTable<TakeoverRow>("takeovers", Key<&TakeoverRow::at>("at"),
                                                          Field<&TakeoverRow::reason>("reason"));

// The domain events of one or more commits. `number` rises from commit to commit, also from one
// epoch to the next: so in the order of the keys the events of a partition are in their own order.
struct EventBatchRow {
  uint64_t epoch = 0;  // of the process that wrote it
  int64_t number = 0;
  absl::Time time;
  std::string events;  // StoredEventBatch
};
inline constexpr auto kEventBatches = MakeTable<EventBatchRow>(
    "event_batches", Key<&EventBatchRow::epoch>("epoch"), Key<&EventBatchRow::number>("number"),
    Field<&EventBatchRow::time>("time"), Field<&EventBatchRow::events>("events", kBytes));

// What was erased of them. One row, once anything was.
struct ErasedEventsRow {
  static constexpr int32_t kOnly = 0;
  int32_t only = kOnly;
  uint64_t epoch = 0;  // key of the last batch that was erased
  int64_t number = 0;
  std::string positions;  // StoredEventBatch: of each partition the last sequence erased
};
inline constexpr auto kErasedEvents = MakeTable<ErasedEventsRow>(
    "erased_events", Key<&ErasedEventsRow::only>("only"), Field<&ErasedEventsRow::epoch>("epoch"),
    Field<&ErasedEventsRow::number>("number"),
    Field<&ErasedEventsRow::positions>("positions", kBytes));

inline constexpr std::array<const TableInfo*, 6> kOrchestratorTables{
    &kSagas.info(),     &kHistory.info(),      &kOwners.info(),
    &kTakeovers.info(), &kEventBatches.info(), &kErasedEvents.info()};
inline constexpr Schema kOrchestratorSchema{"orchestrator", kOrchestratorTables};

}  // namespace seatsaga::store
