#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "orchestrator/store/tables.h"

// Queries over the orchestrator's tables. Errors stick to the snapshot.
namespace seatsaga::store {

// Rows looked at for one page: a filter that few match gives short pages rather than a long wait.
inline constexpr int kExaminedMax = 5000;

struct SagaListQuery {
  std::optional<Id> before;  // only ids below this: where the last page ended
  std::optional<absl::Time> stored_before;
  bool live = false;  // the caller knows that only live sagas can match
  int limit = 0;
};

// Calls `take(row)` for sagas from the newest on until it has said true `limit` times. Where the
// next page starts, if there may be more.
std::optional<Id> ListSagas(Snapshot& snapshot, const SagaListQuery& query,
                            absl::FunctionRef<bool(const SagaRow&)> take);

// A saga's whole history, oldest first: its chunks, then its row's own.
std::string FullHistory(Snapshot& snapshot, const SagaRow& row);

// What this store claimed last: the partition with the highest epoch. Its epoch is 0 if it never
// claimed any.
PartitionRow LastClaimed(Snapshot& snapshot);

}  // namespace seatsaga::store
