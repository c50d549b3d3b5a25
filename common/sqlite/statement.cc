#include <sqlite3.h>

#include <utility>

#include "common/sqlite/database.h"

namespace seatsaga::sqlite {

Statement::Statement(Statement&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)),
      statement_(std::exchange(other.statement_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(database_, other.database_);
  std::swap(statement_, other.statement_);
  return *this;
}

Statement::~Statement() { sqlite3_finalize(statement_); }

int64_t Statement::RunValues(std::span<const store::Value> values) {
  QueryValues(values);
  return RunToEnd();
}

void Statement::QueryValues(std::span<const store::Value> values) {
  Restart();
  BindValues(values);
}

void Statement::BindValues(std::span<const store::Value> values) {
  int index = 0;
  for (const store::Value& value : values) BindValue(++index, value);
}

void Statement::BindValue(int index, const store::Value& value) {
  switch (value.type) {
    case store::Type::kInt:
      BindInt(index, value.number);
      break;
    case store::Type::kText:
      BindText(index, value.bytes);
      break;
    case store::Type::kBytes:
      BindBlob(index, value.bytes);
      break;
  }
}

int64_t Statement::RunRow(const store::TableInfo& table, const void* row,
                          store::ColumnMask columns) {
  Restart();
  for (int i = 0; i < table.column_count; ++i) {
    const bool is_key = i < table.key_size;
    if (is_key || (columns >> i & 1U) != 0) {
      BindValue(i + 1, table.columns[static_cast<size_t>(i)].Of(row));
    }
  }
  return RunToEnd();
}

int64_t Statement::RunAll(const RowSource& rows) {
  if (rows.empty()) return 0;
  Restart();
  sqlite3_bind_pointer(statement_, 1, const_cast<RowSource*>(&rows), kRowsPointer, nullptr);
  return RunToEnd();
}

void Statement::Restart() {
  if (database_ != nullptr) database_->EnsureBegun();
  Reset();
}

void Statement::Reset() { sqlite3_reset(statement_); }

void Statement::BindNull(int index) { sqlite3_bind_null(statement_, index); }

void Statement::BindInt(int index, int64_t value) { sqlite3_bind_int64(statement_, index, value); }

// Static bindings: arguments live until the statement has run, and a query's until its last row.
void Statement::BindText(int index, std::string_view value) {
  sqlite3_bind_text(statement_, index, value.data() == nullptr ? "" : value.data(),
                    static_cast<int>(value.size()), SQLITE_STATIC);
}

void Statement::BindBlob(int index, std::string_view value) {
  sqlite3_bind_blob(statement_, index, value.data() == nullptr ? "" : value.data(),
                    static_cast<int>(value.size()), SQLITE_STATIC);
}

bool Statement::Step() {
  if (database_ == nullptr || !database_->status_.ok()) return false;
  if (statement_ == nullptr) {  // its SQL was wrong, and Begin has cleared that error since
    database_->Fail(SQLITE_MISUSE, "a statement that could not be prepared");
    return false;
  }
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_->Fail(code, sqlite3_sql(statement_));
  return false;
}

int64_t Statement::RunToEnd() {
  while (Step()) {
  }
  if (statement_ == nullptr) return 0;
  sqlite3_reset(statement_);
  return database_->status_.ok() ? sqlite3_changes64(database_->handle_) : 0;
}

bool Statement::Next() {
  if (Step()) return true;
  Reset();
  return false;
}

int64_t Statement::Int(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Statement::Text(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  if (data == nullptr) return {};
  return {data, static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

}  // namespace seatsaga::sqlite
