#include "common/sqlite/rows.h"

#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "common/sqlite/database.h"
#include "tests/support/temp_dir.h"

namespace seatsaga::sqlite {
namespace {

using testing::TempDir;

constexpr std::array<std::string_view, 1> kSchema = {
    "CREATE TABLE seats(id TEXT PRIMARY KEY, price INTEGER NOT NULL, note BLOB NOT NULL) "
    "WITHOUT ROWID"};
constexpr std::string_view kColumns = "id, price, note";

struct World {
  TempDir dir;
  std::unique_ptr<Database> database = *Database::OpenWriter(dir.File("a.db"), kSchema);
  Statement insert = database->Prepare(InsertRows("seats", kColumns));
  Statement update = database->Prepare(UpdateRows("seats", kColumns, "id", "price"));

  absl::Status Run(Statement& statement, const Rows& rows) {
    database->Begin();
    statement.RunAll(rows);
    return database->Commit();
  }
  // "id price note type-of-note", a row a line.
  std::string Table() {
    std::string table;
    const auto reader = *Database::OpenReader(dir.File("a.db"));
    Statement select = reader->Prepare(
        "SELECT id || ' ' || price || ' ' || hex(note) || ' ' || typeof(note) FROM seats");
    for (select.Query(); select.Next();) table += std::string(select.Text(0)) + "\n";
    return table;
  }
};

TEST_CASE("rows: values of every kind arrive as they are") {
  World world;
  const std::string bytes("\0\xff", 2);
  Rows rows;
  rows.Add("a", INT64_MIN, Blob{bytes});
  rows.Add(std::string_view("b"), INT64_MAX, Blob{});
  rows.Add(std::string(""), true, std::string_view("\n"));
  REQUIRE(rows.size() == 3);
  REQUIRE(world.Run(world.insert, rows).ok());
  REQUIRE(world.Table() ==
          " 1 0A text\n"
          "a -9223372036854775808 00FF blob\n"
          "b 9223372036854775807  blob\n");
}

TEST_CASE("rows: a statement runs with other rows each time, and not at all without") {
  World world;
  Rows rows;
  world.database->Begin();
  REQUIRE(world.insert.RunAll(rows) == 0);
  rows.Add("a", 1, Blob{});
  rows.Add("b", 2, Blob{});
  REQUIRE(world.insert.RunAll(rows) == 2);
  REQUIRE(world.insert.RunAll(Rows()) == 0);
  rows.Clear();
  REQUIRE(rows.empty());
  rows.Add("c", 3, Blob{});
  REQUIRE(world.insert.RunAll(rows) == 1);
  REQUIRE(world.database->Commit().ok());
  REQUIRE(world.Table() == "a 1  blob\nb 2  blob\nc 3  blob\n");
}

TEST_CASE("rows: an update changes the columns it names, of the rows it is given") {
  World world;
  Rows rows;
  rows.Add("a", 1, Blob{"x"});
  rows.Add("b", 2, Blob{"y"});
  REQUIRE(world.Run(world.insert, rows).ok());
  rows.Clear();
  rows.Add("b", 7, Blob{"ignored"});
  REQUIRE(world.Run(world.update, rows).ok());
  REQUIRE(world.Table() == "a 1 78 blob\nb 7 79 blob\n");
}

TEST_CASE("rows: one that breaks a rule takes the whole transaction with it") {
  World world;
  Rows rows;
  rows.Add("a", 1, Blob{});
  REQUIRE(world.Run(world.insert, rows).ok());

  world.database->Begin();
  world.database->Execute("INSERT INTO seats VALUES('before', 1, '')");
  rows.Clear();
  rows.Add("b", 2, Blob{});
  rows.Add("a", 3, Blob{});
  rows.Add("c", 4, Blob{});
  REQUIRE(world.insert.RunAll(rows) == 0);
  world.database->Execute("INSERT INTO seats VALUES('after', 1, '')");
  REQUIRE(world.database->Commit().code() == absl::StatusCode::kInternal);
  REQUIRE(world.Table() == "a 1  blob\n");

  rows.Clear();
  rows.Add("d", 5, Blob{});
  REQUIRE(world.Run(world.insert, rows).ok());
  REQUIRE(world.Table() == "a 1  blob\nd 5  blob\n");
}

TEST_CASE("rows: a table that lacks a column is a sticky error as any other") {
  World world;
  Statement wrong = world.database->Prepare(InsertRows("seats", "id, price, owner"));
  Rows rows;
  rows.Add("a", 1, "ada");
  REQUIRE_FALSE(world.Run(wrong, rows).ok());
  REQUIRE(world.Table().empty());
}

}  // namespace
}  // namespace seatsaga::sqlite
