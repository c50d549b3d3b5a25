#include "common/sqlite/rows.h"

#include <sqlite3.h>

#include "common/text.h"

namespace seatsaga::sqlite {
namespace {

constexpr int kColumnsMax = store::TableInfo::kColumnsMax;
// Column 0 of the virtual table takes the argument; the rows' own follow.
constexpr int kArgumentColumn = 0;

struct Cursor : sqlite3_vtab_cursor {
  const RowSource* source = nullptr;
  size_t row = 0;
};

Cursor& Self(sqlite3_vtab_cursor* cursor) { return *static_cast<Cursor*>(cursor); }

int Connect(sqlite3* handle, void* /*context*/, int /*argc*/, const char* const* /*argv*/,
            sqlite3_vtab** table, char** /*error*/) {
  std::string columns = "CREATE TABLE rows(argument HIDDEN";
  for (int i = 1; i <= kColumnsMax; ++i) Append(columns, ", c", i);
  const int code = sqlite3_declare_vtab(handle, Cat(columns, ")").c_str());
  if (code == SQLITE_OK) *table = new sqlite3_vtab{};
  return code;
}

int Disconnect(sqlite3_vtab* table) {
  delete table;
  return SQLITE_OK;
}

// There is one plan: with the argument, from the first row to the last.
int BestIndex(sqlite3_vtab* /*table*/, sqlite3_index_info* plan) {
  for (int i = 0; i < plan->nConstraint; ++i) {
    const auto& constraint = plan->aConstraint[i];
    if (constraint.iColumn != kArgumentColumn || constraint.op != SQLITE_INDEX_CONSTRAINT_EQ ||
        constraint.usable == 0) {
      continue;
    }
    plan->aConstraintUsage[i] = {.argvIndex = 1, .omit = 1};
    return SQLITE_OK;
  }
  return SQLITE_CONSTRAINT;
}

int Open(sqlite3_vtab* /*table*/, sqlite3_vtab_cursor** cursor) {
  *cursor = new Cursor;
  return SQLITE_OK;
}

int Close(sqlite3_vtab_cursor* cursor) {
  delete &Self(cursor);
  return SQLITE_OK;
}

int Filter(sqlite3_vtab_cursor* cursor, int /*plan*/, const char* /*plan_text*/, int /*argc*/,
           sqlite3_value** argv) {
  Self(cursor).source = static_cast<const RowSource*>(sqlite3_value_pointer(argv[0], kRowsPointer));
  Self(cursor).row = 0;
  return SQLITE_OK;
}

int Next(sqlite3_vtab_cursor* cursor) {
  ++Self(cursor).row;
  return SQLITE_OK;
}

int Eof(sqlite3_vtab_cursor* cursor) {
  const Cursor& self = Self(cursor);
  return static_cast<int>(self.source == nullptr || self.row >= self.source->rows.size());
}

int Column(sqlite3_vtab_cursor* cursor, sqlite3_context* result, int column) {
  const Cursor& self = Self(cursor);
  const auto& info = self.source->table->columns[static_cast<size_t>(column - 1)];
  const store::Value value = info.Of(self.source->rows[self.row].row);
  // Not null, which SQLite would take for NULL.
  const char* bytes = value.bytes.data() == nullptr ? "" : value.bytes.data();
  const auto size = static_cast<int>(value.bytes.size());
  switch (value.type) {
    case store::Type::kInt:
      sqlite3_result_int64(result, value.number);
      break;
    case store::Type::kText:
      sqlite3_result_text(result, bytes, size, SQLITE_STATIC);
      break;
    case store::Type::kBytes:
      sqlite3_result_blob(result, bytes, size, SQLITE_STATIC);
      break;
  }
  return SQLITE_OK;
}

int RowId(sqlite3_vtab_cursor* cursor, sqlite3_int64* row_id) {
  *row_id = static_cast<sqlite3_int64>(Self(cursor).row);
  return SQLITE_OK;
}

// Without xCreate: the table is there without a CREATE, and cannot become part of a schema.
constexpr sqlite3_module kModule = {
    .xConnect = Connect,
    .xBestIndex = BestIndex,
    .xDisconnect = Disconnect,
    .xOpen = Open,
    .xClose = Close,
    .xFilter = Filter,
    .xNext = Next,
    .xEof = Eof,
    .xColumn = Column,
    .xRowid = RowId,
};

// row_updated(rows): true, and counted.
void RowUpdated(sqlite3_context* result, int /*argc*/, sqlite3_value** argv) {
  ++static_cast<const RowSource*>(sqlite3_value_pointer(argv[0], kRowsPointer))->updated;
  sqlite3_result_int(result, 1);
}

// "INSERT OR ROLLBACK INTO seats(a, b) SELECT c1, c2 FROM rows(?1)". Columns that are not in `read`
// are empty.
std::string InsertFrom(const store::TableInfo& table, std::string_view verb,
                       store::ColumnMask read) {
  std::string columns;
  std::string values;
  for (int i = 0; i < table.column_count; ++i) {
    const store::Column& column = table.columns[static_cast<size_t>(i)];
    const char* separator = i == 0 ? "" : ", ";
    Append(columns, separator, column.name);
    if ((read >> i & 1U) != 0) {
      Append(values, separator, "c", i + 1);
    } else {
      Append(values, separator, EmptySql(column.type));
    }
  }
  return Cat(verb, " INTO ", table.name, "(", columns, ") SELECT ", values, " FROM rows(?1)");
}

store::ColumnMask KeyAndUnique(const store::TableInfo& table) {
  store::ColumnMask mask = ~table.AllFields();
  for (int i = 0; i < table.index_count; ++i) {
    const store::IndexInfo& index = table.indexes[static_cast<size_t>(i)];
    if (index.unique) mask |= store::ColumnMask{1} << index.columns[0];
  }
  return mask;
}

// SQL checks bounds before it meets the row with the same key, so what it would insert must keep
// them too.
store::ColumnMask WithBounds(const store::TableInfo& table, store::ColumnMask columns) {
  store::ColumnMask mask = columns;
  for (int i = 0; i < table.column_count; ++i) {
    const int bound = table.columns[static_cast<size_t>(i)].bound;
    if (bound < 0) continue;
    const store::ColumnMask both = store::ColumnMask{1} << i | store::ColumnMask{1} << bound;
    if ((columns & both) != 0) mask |= both;
  }
  return mask;
}

}  // namespace

std::string_view EmptySql(store::Type type) {
  switch (type) {
    case store::Type::kInt:
      return "0";
    case store::Type::kText:
      return "''";
    case store::Type::kBytes:
      return "x''";
  }
  return "";
}

std::string InsertRows(const store::TableInfo& table) {
  return InsertFrom(table, "INSERT OR ROLLBACK", ~store::ColumnMask{0});
}

std::string InsertRow(const store::TableInfo& table) {
  std::string sql = Cat("INSERT OR ROLLBACK INTO ", table.name, " VALUES(");
  for (int i = 0; i < table.column_count; ++i) Append(sql, i == 0 ? "?" : ", ?", i + 1);
  return sql + ")";
}

// SQL sees an insertion that meets a row with the same key, which takes half the time of an UPDATE
// FROM. What it would insert beside the key and these columns is never kept; what is unique is
// right all the same, so that it meets no other row.
std::string UpdateRows(const store::TableInfo& table, store::ColumnMask columns) {
  std::string sql =
      Cat(InsertFrom(table, "INSERT", WithBounds(table, columns) | KeyAndUnique(table)),
          " WHERE true ON CONFLICT(");
  for (int i = 0; i < table.key_size; ++i) {
    Append(sql, i == 0 ? "" : ", ", table.columns[static_cast<size_t>(i)].name);
  }
  Append(sql, ") DO UPDATE SET ");
  const char* separator = "";
  for (int i = 0; i < table.column_count; ++i) {
    if ((columns >> i & 1U) == 0) continue;
    const char* name = table.columns[static_cast<size_t>(i)].name;
    Append(sql, separator, name, "=excluded.", name);
    separator = ", ";
  }
  return sql + " WHERE row_updated(?1)";
}

std::string UpdateRow(const store::TableInfo& table, store::ColumnMask columns) {
  std::string sql = Cat("UPDATE ", table.name, " SET ");
  std::string where;
  const char* separator = "";
  for (int i = 0; i < table.column_count; ++i) {
    const char* name = table.columns[static_cast<size_t>(i)].name;
    if (i < table.key_size) Append(where, i == 0 ? " WHERE " : " AND ", name, "=?", i + 1);
    if ((columns >> i & 1U) == 0) continue;
    Append(sql, separator, name, "=?", i + 1);
    separator = ", ";
  }
  return sql + where;
}

void RegisterRows(sqlite3* handle) {
  sqlite3_create_module(handle, "rows", &kModule, nullptr);
  sqlite3_create_function(handle, "row_updated", 1, SQLITE_UTF8, nullptr, RowUpdated, nullptr,
                          nullptr);
}

}  // namespace seatsaga::sqlite
