#include "orchestrator/store/saga_reader.h"

#include <algorithm>

namespace seatsaga::store {

std::optional<Id> ListSagas(Snapshot& snapshot, const SagaListQuery& query,
                            absl::FunctionRef<bool(const SagaRow&)> take) {
  const std::string above_all(Id::kSize, '\xff');
  Id before = query.before.value_or(*Id::FromBytes(above_all));
  if (query.stored_before.has_value()) {
    before = std::min(before, Id::LowerBound(*query.stored_before));
  }
  const Scan scan{.table = &kSagas.info(),
                  .index = query.live ? kLiveSagas : Wanted::kByKey,
                  .beyond = ValueOf(before),
                  .descending = true,
                  .limit = kExaminedMax};
  std::optional<Id> next_before;
  int examined = 0;
  int taken = 0;
  snapshot.Visit(scan, [&](const RowView& view) {
    const SagaRow row = kSagas.Load(view);
    ++examined;
    if (take(row)) ++taken;
    if (taken < query.limit && examined < kExaminedMax) return true;
    next_before = row.id;
    return false;
  });
  return next_before;
}

std::string FullHistory(Snapshot& snapshot, const SagaRow& row) {
  std::string history;
  const Scan scan{.table = &kHistory.info(), .prefix = {ValueOf(row.id)}};
  snapshot.Visit(scan, [&](const RowView& view) {
    history += kHistory.Bytes<&HistoryRow::history>(view);
    return true;
  });
  return history + row.history;
}

PartitionRow LastClaimed(Snapshot& snapshot) {
  PartitionRow last;
  snapshot.Visit({.table = &kOwners.info()}, [&](const RowView& view) {
    const PartitionRow row = kOwners.Load(view);
    if (row.epoch > last.epoch) last = row;
    return true;
  });
  return last;
}

}  // namespace seatsaga::store
