#include "common/sqlite/schema.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "common/id.h"
#include "common/sqlite/rows.h"
#include "common/text.h"

namespace seatsaga::sqlite {
namespace {

// "SeSa": every SeatSaga file has it, and says in its table `store` whose it is.
constexpr int64_t kApplicationId = 0x53655361;
// Of the file as a whole: what this release writes, and the only one it reads.
constexpr int64_t kFormat = 1;

constexpr std::string_view kStoreTable =
    "CREATE TABLE store("
    " id INTEGER PRIMARY KEY CHECK(id = 1),"
    " service TEXT NOT NULL,"
    " store_id BLOB NOT NULL,"     // made with the file; a copy has the same
    " counter INTEGER NOT NULL,"   // how often it was opened for writing
    " inode INTEGER NOT NULL,"     // of the file that was last opened for writing,
    " birth_ns INTEGER NOT NULL)"  // and when it was made: a copy has others
    ;

std::string_view SqlType(store::Type type) {
  switch (type) {
    case store::Type::kInt:
      return "INTEGER";
    case store::Type::kText:
      return "TEXT";
    case store::Type::kBytes:
      return "BLOB";
  }
  return "";
}

// The bound belongs to its column, so that a file which gets the column later gets the bound too.
std::string ColumnSql(const store::TableInfo& table, const store::Column& column) {
  std::string sql =
      Cat(column.name, " ", SqlType(column.type), " NOT NULL DEFAULT ", EmptySql(column.type));
  if (column.bound < 0) return sql;
  return Cat(sql, " CHECK(", column.name, " BETWEEN 0 AND ",
             table.columns[static_cast<size_t>(column.bound)].name, ")");
}

std::string NamesSql(const store::TableInfo& table, const int* columns, int count) {
  std::string names;
  for (int i = 0; i < count; ++i) {
    Append(names, i == 0 ? "" : ", ", table.columns[static_cast<size_t>(columns[i])].name);
  }
  return names;
}

// A table whose key is one number is keyed by SQLite's own row number; all others are stored in the
// order of their key.
std::string CreateTable(const store::TableInfo& table) {
  const bool by_number = table.key_size == 1 && table.columns[0].type == store::Type::kInt;
  std::string sql = Cat("CREATE TABLE ", table.name, "(");
  std::vector<int> key;
  for (int i = 0; i < table.column_count; ++i) {
    const store::Column& column = table.columns[static_cast<size_t>(i)];
    if (i > 0) sql += ", ";
    if (i < table.key_size) {
      key.push_back(i);
      Append(sql, column.name, " ", SqlType(column.type),
             by_number ? " PRIMARY KEY NOT NULL" : " NOT NULL");
    } else {
      sql += ColumnSql(table, column);
    }
  }
  if (by_number) return sql + ")";
  return Cat(sql, ", PRIMARY KEY(", NamesSql(table, key.data(), table.key_size),
             ")) WITHOUT ROWID");
}

std::string CreateIndex(const store::TableInfo& table, const store::IndexInfo& index) {
  return Cat("CREATE ", index.unique ? "UNIQUE " : "", "INDEX IF NOT EXISTS ", index.name, " ON ",
             table.name, "(", NamesSql(table, index.columns.data(), index.size), ")",
             index.where == nullptr ? "" : " WHERE ",
             index.where == nullptr ? "" : std::string_view(index.where));
}

// The columns that a table has in the file; none if it is not there.
std::vector<std::string> ColumnsInFile(Database& database, std::string_view table) {
  std::vector<std::string> columns;
  Statement info = database.Prepare("SELECT name FROM pragma_table_info(?1)");
  for (info.Query(table); info.Next();) columns.emplace_back(info.Text(0));
  return columns;
}

absl::Status Newer(const std::string& path, std::string_view what) {
  return absl::FailedPreconditionError(Cat(path, " was written by a newer release (it has ", what,
                                           ", which this one does not know); run that release"));
}

absl::Status BringUpToDate(Database& database, const std::string& path,
                           const store::TableInfo& table) {
  const std::vector<std::string> there = ColumnsInFile(database, table.name);
  const auto described = static_cast<size_t>(table.column_count);
  if (there.size() > described) return Newer(path, Cat(table.name, ".", there[described]));
  if (there.empty()) database.Execute(CreateTable(table));
  for (size_t i = there.empty() ? described : 0; i < described; ++i) {
    const store::Column& column = table.columns[i];
    if (i >= there.size()) {
      database.Execute(Cat("ALTER TABLE ", table.name, " ADD COLUMN ", ColumnSql(table, column)));
    } else if (there[i] != column.name) {
      return Newer(path, Cat(table.name, ".", there[i]));
    }
  }
  for (int i = 0; i < table.index_count; ++i) {
    database.Execute(CreateIndex(table, table.indexes[static_cast<size_t>(i)]));
  }
  return absl::OkStatus();
}

// A table in the file that no description names comes from a newer release.
absl::Status CheckTables(Database& database, const std::string& path, const store::Schema& schema) {
  Statement tables = database.Prepare(
      "SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite_%'");
  absl::Status status;
  for (tables.Query(); tables.Next();) {
    const std::string name(tables.Text(0));
    const bool known = name == "store" || std::any_of(schema.tables.begin(), schema.tables.end(),
                                                      [&](const store::TableInfo* table) {
                                                        return name == table->name;
                                                      });
    if (!known && status.ok()) status = Newer(path, Cat("a table ", name));
  }
  return status;
}

void CreateStore(Database& database, const FileMark& mark, const Id& store_id,
                 const store::Schema& schema) {
  database.Execute(kStoreTable);
  Statement insert = database.Prepare("INSERT INTO store VALUES(1, ?1, ?2, 0, ?3, ?4)");
  insert.Run(schema.service, Blob{store_id.bytes()}, mark.inode, mark.birth_ns);
  database.Execute(Cat("PRAGMA application_id=", kApplicationId));
  database.Execute(Cat("PRAGMA user_version=", kFormat));
}

void CountOpening(Database& database, const FileMark& mark, store::Identity& identity) {
  database.Execute("UPDATE store SET counter=counter+1");
  Statement read = database.Prepare("SELECT store_id, counter, inode, birth_ns FROM store");
  for (read.Query(); read.Next();) {
    identity.store_id = Id::FromBytes(read.Text(0)).value_or(Id());
    identity.counter = read.Int(1);
    identity.is_copy = read.Int(2) != mark.inode || read.Int(3) != mark.birth_ns;
  }
}

}  // namespace

absl::Status CheckOwner(Database& database, const std::string& path, const store::Schema& schema) {
  const int64_t format = database.ReadInt("PRAGMA user_version");
  const int64_t application = database.ReadInt("PRAGMA application_id");
  const bool empty = database.ReadInt("SELECT count(*) FROM sqlite_schema") == 0;
  if (!database.status().ok()) return database.status();
  if (empty && application == 0) return absl::OkStatus();
  if (application != kApplicationId) {
    return absl::FailedPreconditionError(
        Cat(path,
            " was not written by this release: it belongs to SeatSaga 0.1, whose files can no "
            "longer be read, or to another program; move it away, or choose another file with "
            "--database"));
  }
  const std::string service = database.ReadText("SELECT service FROM store");
  if (service != schema.service) {
    return absl::FailedPreconditionError(Cat(path, " belongs to ", service, ", not to ",
                                             schema.service,
                                             "; choose another file with --database"));
  }
  if (format > kFormat) return Newer(path, Cat("format ", format));
  return database.status();
}

absl::Status Prepare(Database& database, Files& files, const std::string& path,
                     const store::Schema& schema, store::Identity& identity) {
  const FileMark mark = files.Mark(path);
  database.Begin();
  if (database.ReadInt("PRAGMA user_version") == 0) {
    CreateStore(database, mark, files.NewStoreId(), schema);
  }
  absl::Status status = CheckTables(database, path, schema);
  for (const store::TableInfo* table : schema.tables) {
    if (status.ok()) status = BringUpToDate(database, path, *table);
  }
  if (status.ok()) CountOpening(database, mark, identity);
  if (!status.ok()) {
    database.Rollback();
    return status;
  }
  if (absl::Status committed = database.Commit(); !committed.ok()) {
    return absl::Status(committed.code(),
                        Cat("preparing ", path, " failed: ", View(committed.message())));
  }
  return absl::OkStatus();
}

// Setting the same version again still writes a page. An UPDATE that changes nothing does not.
absl::Status Settle(Database& database) {
  database.Begin();
  database.Execute(Cat("PRAGMA user_version=", kFormat));
  return database.Commit();
}

absl::Status Adopt(Database& database, const FileMark& mark) {
  database.Begin();
  Statement update = database.Prepare("UPDATE store SET inode=?1, birth_ns=?2");
  update.Run(mark.inode, mark.birth_ns);
  return database.Commit();
}

}  // namespace seatsaga::sqlite
