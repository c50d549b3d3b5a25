#include "common/store/model_key.h"
#include "common/store/model_store.h"

namespace seatsaga::store::internal {

ModelLane::~ModelLane() {
  EndBatch();
  faults_.Drop(this);
}

// The only writer needs no snapshot: nothing changes before its commit.
void ModelLane::BeginBatch() {
  if (std::exchange(reading_, true)) return;
  connection_ = faults_.connection();
  if (shared_) seen_ = store_.Pin();
}

void ModelLane::Read(Rows& rows, absl::AnyInvocable<void() &&> then) {
  BeginBatch();
  const bool connected = connection_ != 0 && faults_.connection() == connection_;
  {
    const std::lock_guard lock(store_.mutex());
    for (const auto& table : rows.tables()) {
      if (connected) ReadTable(*table);
      table->wanted.clear();
    }
  }
  rows.NothingWanted();
  std::move(then)();
}

void ModelLane::ReadTable(TableRows& rows) {
  if (rows.wanted.empty()) return;
  const ModelTable* const table = store_.Find(rows.table);
  if (table == nullptr) {
    error_ = absl::InternalError("the schema does not have this table");
    return;
  }
  for (const Wanted& wanted : rows.wanted) {
    std::string prefix = MakeKey(wanted.values);
    table->Visit(wanted.index, prefix, seen_, [&](const RowView& row) {
      rows.Found(row);
      return true;
    });
    if (shared_) read_.push_back({table, wanted.index, std::move(prefix)});
  }
}

void ModelLane::Commit(const Fence* fence, Rows& rows,
                       absl::AnyInvocable<void(CommitResult) &&> then) {
  CommitResult result = End(fence, rows);
  EndBatch();
  faults_.Answer(this, std::move(result), std::move(then));
}

CommitResult ModelLane::End(const Fence* fence, const Rows& rows) {
  BeginBatch();
  if (connection_ == 0 || faults_.connection() != connection_) {
    return {Committed::kNothing, absl::UnavailableError("no connection to the store")};
  }
  if (!error_.ok()) return {Committed::kNothing, error_};
  const std::optional<Ending> ending = faults_.TakeEnding();
  const absl::Status why = absl::UnknownError("a fault that the test injected");
  if (!ending.has_value()) return store_.Commit(fence, read_, seen_, rows);
  switch (*ending) {
    case Ending::kNothing:
      return {Committed::kNothing, why};
    case Ending::kConflict:
      return {Committed::kConflict, why};
    case Ending::kFenced:
      return {Committed::kFenced, why};
    case Ending::kInDoubtApplied:
      (void)store_.Commit(fence, read_, seen_, rows);
      break;
    case Ending::kInDoubtLost:
      break;
  }
  return {Committed::kInDoubt, why};
}

void ModelLane::EndBatch() {
  if (!std::exchange(reading_, false)) return;
  if (shared_) store_.Release(seen_);
  seen_ = kNewest;
  read_.clear();
  error_ = absl::OkStatus();
}

void ModelLane::Finish() {
  while (faults_.DeliverOneOf(this)) {
  }
}

absl::Status ModelLane::Load(absl::FunctionRef<absl::Status(Snapshot&)> load) {
  ModelSnapshot snapshot(store_, faults_);
  absl::Status loaded = load(snapshot);
  return snapshot.status().ok() ? loaded : snapshot.status();
}

}  // namespace seatsaga::store::internal
