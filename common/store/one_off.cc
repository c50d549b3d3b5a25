#include "common/store/one_off.h"

#include <utility>

#include "common/errors.h"
#include "common/text.h"

namespace seatsaga::store {
namespace {

constexpr int kConflictsMax = 20;

}  // namespace

absl::Status QueryOnce(Store& store, absl::FunctionRef<void(Snapshot&)> query) {
  absl::Status read;
  absl::Status status = store.Query([&](Snapshot& snapshot) {
    query(snapshot);
    read = snapshot.status();
  });
  return status.ok() ? read : status;
}

// The lane's callbacks have come when Finish returns.
absl::Status WriteOnce(Lane& lane, absl::FunctionRef<void(Rows&)> want,
                       absl::FunctionRef<void(Rows&)> change) {
  CommitResult result;
  for (int conflicts = 0; conflicts < kConflictsMax; ++conflicts) {
    Rows rows;
    want(rows);
    lane.Read(rows, [] {});
    lane.Finish();
    change(rows);
    lane.Commit(nullptr, rows, [&](CommitResult ended) { result = std::move(ended); });
    lane.Finish();
    if (result.committed == Committed::kDurable) return absl::OkStatus();
    if (result.committed != Committed::kConflict) break;
  }
  return UnavailableError(Cat("the store cannot be written: ", View(result.why.message())));
}

}  // namespace seatsaga::store
