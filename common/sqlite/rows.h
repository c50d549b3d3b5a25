#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/store/rows.h"
#include "common/store/table.h"

struct sqlite3;

namespace seatsaga::sqlite {

// Rows for a statement that writes all of them in one run: SQLite reads them as a table. A
// statement costs SQLite about as much to begin and end as a row costs to write, so writing a
// batch's rows together takes a third to a half less time than one by one.
//
// Not thread-safe. The rows must live until the statement has run.
struct RowSource {
  const store::TableInfo* table = nullptr;
  std::span<const store::RowWrite> rows;
  // Of those that an UpdateRows statement was given, how many were there.
  mutable size_t updated = 0;

  bool empty() const { return rows.empty(); }
};

// A statement for RunAll that inserts all rows. An error rolls the transaction back, as Database
// would do anyway, so SQLite need not keep what it needs to undo this statement alone.
std::string InsertRows(const store::TableInfo& table);
// A statement that inserts one row: its parameter i + 1 is column i.
std::string InsertRow(const store::TableInfo& table);
// A statement for RunAll that overwrites these columns of all rows. Those that are not there it
// inserts, without the other columns: unless RowSource::updated says that all were, the transaction
// must not be committed.
std::string UpdateRows(const store::TableInfo& table, store::ColumnMask columns);
// A statement that does so for one row: its parameter i + 1 is column i, of the key and of these
// columns.
std::string UpdateRow(const store::TableInfo& table, store::ColumnMask columns);

// The literal for 0 or nothing of that type: what a row has in a column that was added later, and
// what is inserted where no value is read.
std::string_view EmptySql(store::Type type);

// For Statement and Database: what the pointer to RowSource is bound as, and the registration of
// the table and of what counts in it.
inline constexpr const char* kRowsPointer = "seatsaga::sqlite::RowSource";
void RegisterRows(sqlite3* handle);

}  // namespace seatsaga::sqlite
