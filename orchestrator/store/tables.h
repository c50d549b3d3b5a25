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

inline constexpr std::array<const TableInfo*, 4> kOrchestratorTables{
    &kSagas.info(), &kHistory.info(), &kOwners.info(), &kTakeovers.info()};
inline constexpr Schema kOrchestratorSchema{"orchestrator", kOrchestratorTables};

}  // namespace seatsaga::store
