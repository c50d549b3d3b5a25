#include "common/sqlite/lane.h"

#include <algorithm>
#include <span>

#include "absl/container/inlined_vector.h"
#include "common/errors.h"
#include "common/log.h"
#include "common/sqlite/rows.h"
#include "common/sqlite/schema.h"
#include "common/text.h"

namespace seatsaga::sqlite {
namespace {

using store::Wanted;

// So many rows cost less one by one: a statement that may write many keeps what it would take to
// undo only it.
constexpr size_t kUpdatesOneByOneMax = 2;

// Where TableStatements::highest keeps what is known of an index, or of the key.
size_t HighestAt(int index) { return index == Wanted::kByKey ? 0 : static_cast<size_t>(index) + 1; }

int ColumnOf(const store::TableInfo& table, int index) {
  return index == Wanted::kByKey ? 0 : table.indexes[static_cast<size_t>(index)].columns[0];
}

bool Rises(const store::TableInfo& table, int index) {
  return index == Wanted::kByKey ? table.keys_rise
                                 : table.indexes[static_cast<size_t>(index)].rises;
}

std::string WhereKey(const store::TableInfo& table, size_t columns) {
  std::string sql;
  for (size_t i = 0; i < columns; ++i) {
    Append(sql, i == 0 ? " WHERE " : " AND ", table.columns[i].name, "=?", i + 1);
  }
  return sql;
}

// To callers it says what they can do, to operators what is wrong.
absl::Status UnusableError(const absl::Status& why) {
  log::Error("query_failed", {{"error", why.ToString()}}, "");
  return UnavailableError("the store cannot be read now; retry later");
}

}  // namespace

void SqliteLane::EnsureBegun() {
  if (!std::exchange(begun_, true)) database_.Begin();
}

SqliteLane::TableStatements& SqliteLane::Of(const store::TableInfo& table) {
  for (const auto& known : tables_) {
    if (known->table == &table) return *known;
  }
  auto statements = std::make_unique<TableStatements>();
  statements->table = &table;
  statements->find.resize(static_cast<size_t>(table.key_size));
  statements->find_unique.resize(static_cast<size_t>(table.index_count));
  statements->highest.resize(static_cast<size_t>(table.index_count) + 1);
  tables_.push_back(std::move(statements));
  return *tables_.back();
}

Statement& SqliteLane::FindStatement(TableStatements& statements, const Wanted& wanted) {
  const store::TableInfo& table = *statements.table;
  if (wanted.index == Wanted::kByKey) {
    Statement& find = statements.find[wanted.values.size() - 1];
    if (!find.prepared()) {
      find = database_.Prepare(Cat(SelectAll(table), WhereKey(table, wanted.values.size())));
    }
    return find;
  }
  Statement& find = statements.find_unique[static_cast<size_t>(wanted.index)];
  if (!find.prepared()) {
    const auto column = static_cast<size_t>(ColumnOf(table, wanted.index));
    find = database_.Prepare(Cat(SelectAll(table), " WHERE ", table.columns[column].name, "=?1"));
  }
  return find;
}

std::string* SqliteLane::Highest(TableStatements& statements, int index) {
  const store::TableInfo& table = *statements.table;
  if (!Rises(table, index)) return nullptr;
  TableStatements::HighestValue& highest = statements.highest[HighestAt(index)];
  if (!highest.known) {
    const auto column = static_cast<size_t>(ColumnOf(table, index));
    Statement max =
        database_.Prepare(Cat("SELECT max(", table.columns[column].name, ") FROM ", table.name));
    for (max.Query(); max.Next();) {
      highest.known = true;  // one row, with NULL for an empty table
      highest.bytes = std::string(max.Text(0));
    }
    if (!highest.known) return nullptr;  // it could not be read: this batch will not commit
  }
  return &highest.bytes;
}

// If the batch does not commit, this does no harm.
void SqliteLane::NoteInserted(TableStatements& statements, const store::TableRows::Writes& writes) {
  const store::TableInfo& table = *statements.table;
  for (int index = Wanted::kByKey; index < table.index_count; ++index) {
    std::string* const highest = Highest(statements, index);
    if (highest == nullptr) continue;
    const store::Column& column = table.columns[static_cast<size_t>(ColumnOf(table, index))];
    std::string_view value = *highest;
    for (const store::RowWrite& write : writes.inserted) {
      value = std::max(value, column.Of(write.row).bytes);
    }
    if (value.data() != highest->data()) highest->assign(value);
  }
}

void SqliteLane::Read(store::Rows& rows, absl::AnyInvocable<void() &&> then) {
  EnsureBegun();
  for (const auto& table : rows.tables()) {
    if (!table->wanted.empty()) Read(*table);
  }
  rows.NothingWanted();
  std::move(then)();
}

void SqliteLane::Read(store::TableRows& rows) {
  TableStatements& statements = Of(rows.table);
  for (const Wanted& wanted : rows.wanted) {
    const std::string* const highest = Highest(statements, wanted.index);
    if (highest != nullptr && wanted.values.front().bytes > *highest) continue;
    Statement& find = FindStatement(statements, wanted);
    const StatementRow row(find);
    find.QueryValues(wanted.values);
    while (find.Next()) rows.Found(row);
  }
  rows.wanted.clear();
}

void SqliteLane::Commit(const store::Fence* /*fence*/, store::Rows& rows,
                        absl::AnyInvocable<void(store::CommitResult) &&> then) {
  EnsureBegun();
  for (const auto& table : rows.tables()) Write(*table);
  begun_ = false;
  const bool all_written = database_.status().ok();
  absl::Status committed = database_.Commit();
  if (committed.ok()) committed = open_files_.Check();
  if (committed.ok()) return std::move(then)({store::Committed::kDurable, absl::OkStatus()});
  if (all_written) in_doubt_ = true;  // else SQLite was not even asked to commit
  std::move(then)({all_written ? store::Committed::kInDoubt : store::Committed::kNothing,
                   std::move(committed)});
}

void SqliteLane::Abandon() {
  if (std::exchange(begun_, false)) database_.Rollback();
}

void SqliteLane::Write(const store::TableRows& rows) {
  const store::TableRows::Writes writes = rows.TakeWrites();
  if (writes.empty()) return;
  TableStatements& statements = Of(rows.table);
  const store::TableInfo& table = rows.table;
  for (const store::RowWrite& write : writes.erased) {
    if (!statements.erase.prepared()) {
      statements.erase = database_.Prepare(
          Cat("DELETE FROM ", table.name, WhereKey(table, static_cast<size_t>(table.key_size))));
    }
    absl::InlinedVector<store::Value, 4> key;
    for (int i = 0; i < table.key_size; ++i) {
      key.push_back(table.columns[static_cast<size_t>(i)].Of(write.row));
    }
    MustBeThere(table, 1, statements.erase.RunValues(key));
  }
  WriteUpdates(statements, writes.updated);
  if (writes.inserted.empty()) return;
  NoteInserted(statements, writes);
  if (writes.inserted.size() == 1) {  // two are cheaper together already
    Statement& one = statements.insert.one;
    if (!one.prepared()) one = database_.Prepare(InsertRow(table));
    one.RunRow(table, writes.inserted.front().row, table.AllFields());
  } else {
    Statement& many = statements.insert.many;
    if (!many.prepared()) many = database_.Prepare(InsertRows(table));
    many.RunAll({&table, writes.inserted});
  }
}

// Rows whose same columns change are written together.
void SqliteLane::WriteUpdates(TableStatements& statements,
                              const std::vector<store::RowWrite>& updated) {
  if (updated.empty()) return;
  std::vector<store::RowWrite> sorted;
  std::span<const store::RowWrite> rows = updated;
  const auto by_columns = [](const store::RowWrite& a, const store::RowWrite& b) {
    return a.columns < b.columns;
  };
  if (!std::is_sorted(rows.begin(), rows.end(), by_columns)) {
    sorted.assign(rows.begin(), rows.end());
    std::stable_sort(sorted.begin(), sorted.end(), by_columns);
    rows = sorted;
  }
  while (!rows.empty()) {
    const store::ColumnMask columns = rows.front().columns;
    const auto end = std::find_if(rows.begin(), rows.end(), [&](const store::RowWrite& row) {
      return row.columns != columns;
    });
    const auto count = static_cast<size_t>(end - rows.begin());
    WriteUpdates(statements, columns, rows.first(count));
    rows = rows.subspan(count);
  }
}

void SqliteLane::WriteUpdates(TableStatements& statements, store::ColumnMask columns,
                              std::span<const store::RowWrite> rows) {
  const store::TableInfo& table = *statements.table;
  auto known = std::find_if(statements.update.begin(), statements.update.end(),
                            [&](const auto& update) { return update.columns == columns; });
  if (known == statements.update.end()) {
    statements.update.emplace_back().columns = columns;
    known = std::prev(statements.update.end());
  }
  if (rows.size() > kUpdatesOneByOneMax) {
    if (!known->many.prepared()) known->many = database_.Prepare(UpdateRows(table, columns));
    const RowSource source{&table, rows};
    known->many.RunAll(source);
    return MustBeThere(table, rows.size(), static_cast<int64_t>(source.updated));
  }
  if (!known->one.prepared()) known->one = database_.Prepare(UpdateRow(table, columns));
  for (const store::RowWrite& write : rows) {
    MustBeThere(table, 1, known->one.RunRow(table, write.row, columns));
  }
}

// Without this, logic that updates a missing row would be told that the update is durable.
void SqliteLane::MustBeThere(const store::TableInfo& table, size_t wanted, int64_t there) {
  if (static_cast<int64_t>(wanted) == there) return;
  database_.Fail(
      absl::InternalError(Cat("a row of ", table.name, " that was to be updated does not exist")));
}

absl::Status SqliteLane::Load(absl::FunctionRef<absl::Status(store::Snapshot&)> load) {
  Abandon();
  if (absl::Status there = open_files_.Check(); !there.ok()) return there;
  if (in_doubt_) {
    if (absl::Status settled = Settle(database_); !settled.ok()) return settled;
    in_doubt_ = false;
  }
  database_.Begin();
  const absl::Status loaded = load(snapshot_);
  const absl::Status read = database_.Commit();
  return loaded.ok() ? read : loaded;
}

absl::StatusOr<std::unique_ptr<store::Store>> SqliteStore::Open(const std::string& path,
                                                                const store::Schema& schema,
                                                                Files& files) {
  store::Identity identity;
  auto writer = Database::OpenWriter(
      path, [&](Database& database) { return CheckOwner(database, path, schema); },
      [&](Database& database) { return Prepare(database, files, path, schema, identity); }, files);
  if (!writer.ok()) return writer.status();
  auto reader = Database::OpenReader(path, files);
  if (!reader.ok()) return reader.status();
  return std::unique_ptr<store::Store>(
      new SqliteStore(files, path, *std::move(writer), *std::move(reader), identity));
}

absl::Status SqliteStore::Query(absl::FunctionRef<void(store::Snapshot&)> query) {
  if (absl::Status there = open_files_.Check(); !there.ok()) return UnusableError(there);
  reader_->Begin();
  query(snapshot_);
  const absl::Status read = reader_->Commit();
  if (read.ok()) return read;
  return UnusableError(read);
}

absl::Status SqliteStore::Adopt() {
  absl::Status adopted = sqlite::Adopt(*writer_, files_.Mark(path_));
  if (adopted.ok()) identity_.is_copy = false;
  return adopted;
}

}  // namespace seatsaga::sqlite
