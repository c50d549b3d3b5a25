#include "common/sqlite/rows.h"

#include <sqlite3.h>

#include <algorithm>
#include <cassert>

#include "absl/strings/str_split.h"
#include "common/text.h"

namespace seatsaga::sqlite {
namespace {

constexpr int kColumnsMax = 16;
// Column 0 of the virtual table takes the argument; the rows' own follow.
constexpr int kArgumentColumn = 0;

struct Cursor : sqlite3_vtab_cursor {
  const Rows* rows = nullptr;
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
  Self(cursor).rows = static_cast<const Rows*>(sqlite3_value_pointer(argv[0], kRowsPointer));
  Self(cursor).row = 0;
  return SQLITE_OK;
}

int Next(sqlite3_vtab_cursor* cursor) {
  ++Self(cursor).row;
  return SQLITE_OK;
}

int Eof(sqlite3_vtab_cursor* cursor) {
  const Cursor& self = Self(cursor);
  return static_cast<int>(self.rows == nullptr || self.row >= self.rows->size());
}

int Column(sqlite3_vtab_cursor* cursor, sqlite3_context* result, int column) {
  const Cursor& self = Self(cursor);
  const Rows::Value& value = self.rows->At(self.row, static_cast<size_t>(column - 1));
  // Not null, which SQLite would take for NULL.
  const char* bytes = value.bytes.data() == nullptr ? "" : value.bytes.data();
  const auto size = static_cast<int>(value.bytes.size());
  switch (value.kind) {
    case Rows::Value::Kind::kInt:
      sqlite3_result_int64(result, value.number);
      break;
    case Rows::Value::Kind::kText:
      sqlite3_result_text(result, bytes, size, SQLITE_STATIC);
      break;
    case Rows::Value::Kind::kBlob:
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

// "SELECT c1, c2 FROM rows(?1)", as wide as the list of columns.
std::string SelectRows(std::string_view columns) {
  const auto width = std::count(columns.begin(), columns.end(), ',') + 1;
  assert(width <= kColumnsMax);
  std::string sql = "SELECT c1";
  for (int i = 2; i <= width; ++i) Append(sql, ", c", i);
  return Cat(sql, " FROM rows(?1)");
}

}  // namespace

std::string InsertRows(std::string_view table, std::string_view columns) {
  return Cat("INSERT OR ROLLBACK INTO ", table, "(", columns, ") ", SelectRows(columns));
}

std::string UpdateRows(std::string_view table, std::string_view columns, std::string_view key,
                       std::string_view set) {
  std::string sql = Cat("INSERT INTO ", table, "(", columns, ") ", SelectRows(columns),
                        " WHERE true ON CONFLICT(", key, ") DO UPDATE SET ");
  const char* separator = "";
  for (const absl::string_view column : absl::StrSplit(AbslView(set), ", ")) {
    Append(sql, separator, column, "=excluded.", column);
    separator = ", ";
  }
  return sql;
}

void RegisterRows(sqlite3* handle) { sqlite3_create_module(handle, "rows", &kModule, nullptr); }

}  // namespace seatsaga::sqlite
