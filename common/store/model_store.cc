#include "common/store/model_store.h"

#include <algorithm>

#include "common/errors.h"
#include "common/text.h"

namespace seatsaga::store::internal {
namespace {

// The same id for the same name, different ids for different names: FNV-1a, twice.
Id IdOf(std::string_view name) {
  std::string bytes;
  for (uint64_t hash : {uint64_t{14695981039346656037U}, uint64_t{1099511628211U}}) {
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(hash >> shift);
  }
  return Id::FromBytes(bytes).value_or(Id());
}

}  // namespace

ModelStore::ModelStore(std::string_view service)
    : service_(service), identity_{.store_id = IdOf(service)} {}

absl::StatusOr<Identity> ModelStore::Open(const Schema& schema, bool shared) {
  const std::lock_guard lock(mutex_);
  if (open_ > 0 && !(shared && shared_)) {
    return absl::FailedPreconditionError(
        AbslView(Cat("the store of ", service_, " is open already; close it first")));
  }
  for (const TableInfo* table : schema.tables) {
    if (Find(*table) == nullptr) tables_.push_back(std::make_unique<ModelTable>(*table));
  }
  ++open_;
  shared_ = shared;
  ++identity_.counter;
  return identity_;
}

void ModelStore::Close() {
  const std::lock_guard lock(mutex_);
  --open_;
}

void ModelStore::SetOwner(int partition, const Id& holder, uint64_t epoch) {
  const std::lock_guard lock(mutex_);
  owners_[static_cast<size_t>(partition)] = Owner{holder, epoch};
}

Moment ModelStore::Pin() {
  const std::lock_guard lock(mutex_);
  pinned_.insert(now_);
  return now_;
}

void ModelStore::Release(Moment pinned) {
  const std::lock_guard lock(mutex_);
  pinned_.erase(pinned_.find(pinned));
  Collect();
}

void ModelStore::Collect() {
  const Moment oldest = pinned_.empty() ? now_ : *pinned_.begin();
  for (const auto& table : tables_) table->Collect(oldest);
}

ModelTable* ModelStore::Find(const TableInfo& table) {
  for (const auto& found : tables_) {
    if (&found->info() == &table) return found.get();
  }
  return nullptr;
}

bool ModelStore::IsFenced(const Fence& fence) const {
  for (size_t i = 0; i < owners_.size(); ++i) {
    if (fence.epochs[i] == 0 || !owners_[i].has_value()) continue;
    if (owners_[i]->epoch != fence.epochs[i] || owners_[i]->holder != fence.holder) return true;
  }
  return false;
}

int64_t ModelStore::conflicts() const {
  const std::lock_guard lock(mutex_);
  return conflicts_;
}

CommitResult ModelStore::Commit(const Fence* fence, const std::vector<Range>& read, Moment seen,
                                const Rows& rows) {
  const std::lock_guard lock(mutex_);
  if (fence != nullptr && IsFenced(*fence)) {
    return {Committed::kFenced, absl::AbortedError("another process owns the partition now")};
  }
  for (const Range& range : read) {
    if (range.table->ChangedSince(seen, range.index, range.prefix)) {
      ++conflicts_;
      return {Committed::kConflict, absl::AbortedError("another lane changed what was read")};
    }
  }
  return Write(rows, seen);
}

CommitResult ModelStore::Write(const Rows& rows, Moment seen) {
  bool conflict = false;
  absl::Status status;
  for (const auto& table : rows.tables()) {
    status = WriteTable(*table, seen, conflict);
    if (!status.ok()) break;
  }
  for (const auto& table : tables_) {
    if (status.ok() && !table->UniqueHolds()) {
      conflict = true;
      status = absl::AbortedError("a value that must be unique already exists");
    }
  }
  for (const auto& table : tables_) status.ok() ? table->Keep() : table->Undo();
  if (conflict) ++conflicts_;
  if (!status.ok()) return {conflict ? Committed::kConflict : Committed::kNothing, status};
  ++now_;
  Collect();
  return {};
}

// Rows are erased first, so that what is inserted may take their values.
absl::Status ModelStore::WriteTable(const TableRows& rows, Moment seen, bool& conflict) {
  const TableRows::Writes writes = rows.TakeWrites();
  if (writes.empty()) return absl::OkStatus();
  ModelTable* const table = Find(rows.table);
  if (table == nullptr) return absl::InternalError("the schema does not have this table");
  const Moment now = now_ + 1;
  using Written = ModelTable::Written;
  Written written = Written::kWritten;
  const auto all = [&](const std::vector<RowWrite>& list, auto write) {
    for (size_t i = 0; i < list.size() && written == Written::kWritten; ++i) {
      written = write(list[i]);
    }
  };
  all(writes.erased, [&](const RowWrite& row) { return table->Erase(row.row, now, seen); });
  all(writes.updated,
      [&](const RowWrite& row) { return table->Update(row.row, row.columns, now, seen); });
  all(writes.inserted, [&](const RowWrite& row) { return table->Insert(row.row, now, seen); });
  if (written == Written::kWritten) return absl::OkStatus();
  conflict = written == Written::kConflict;
  if (conflict) return absl::AbortedError("another lane changed what was written");
  return absl::InternalError(
      AbslView(Cat("a row of ", rows.table.name,
                   written == Written::kOutOfBounds ? " breaks a bound of its table"
                                                    : " that was to be updated does not exist")));
}

// --- Snapshots

ModelSnapshot::ModelSnapshot(ModelStore& store, const ModelFaults& faults)
    : store_(store), faults_(faults), connection_(faults.connection()), moment_(store.Pin()) {}

bool ModelSnapshot::Check() {
  if (status_.ok() && (connection_ == 0 || faults_.connection() != connection_)) {
    status_ = UnavailableError("no connection to the store");
  }
  return status_.ok();
}

void ModelSnapshot::Visit(const Scan& scan, absl::FunctionRef<bool(const RowView&)> visit) {
  const std::lock_guard lock(store_.mutex());
  if (!Check()) return;
  const ModelTable* const table = store_.Find(*scan.table);
  if (table == nullptr) {
    status_ = absl::InternalError("the schema does not have this table");
    return;
  }
  table->Visit(scan, moment_, visit);
}

void ModelSnapshot::Visit(const store::Query& query, std::span<const Value> arguments,
                          absl::FunctionRef<bool(const RowView&)> visit) {
  const std::lock_guard lock(store_.mutex());
  if (!Check()) return;
  if (query.model == nullptr) {
    status_ = absl::UnimplementedError(AbslView(Cat(query.name, " has no form for the model")));
    return;
  }
  query.model([this](const TableInfo& table,
                     store::Query::Visit visit_row) { Visit(Scan{.table = &table}, visit_row); },
              arguments, visit);
}

absl::Status OpenModelStore::Query(absl::FunctionRef<void(Snapshot&)> query) {
  ModelSnapshot snapshot(*store_, faults_);
  query(snapshot);
  if (snapshot.status().ok()) return absl::OkStatus();
  return UnavailableError(View(snapshot.status().message()));
}

}  // namespace seatsaga::store::internal
