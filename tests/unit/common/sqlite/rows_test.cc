#include "common/sqlite/rows.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "common/sqlite/database.h"
#include "common/store/table.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/common/sqlite/open.h"

namespace seatsaga::sqlite {
namespace {

using testing::TempDir;

struct Seat {
  std::string id;
  int64_t price = 0;
  std::string note;
};
constexpr auto kSeats = store::MakeTable<Seat>("seats", store::Key<&Seat::id>("id"),
                                               store::Field<&Seat::price>("price"),
                                               store::Field<&Seat::note>("note", store::kBytes));

struct World {
  TempDir dir;
  std::unique_ptr<Database> database = *OpenWithTable(
      dir.File("a.db"),
      "CREATE TABLE seats(id TEXT PRIMARY KEY, price INTEGER NOT NULL, note BLOB NOT NULL) "
      "WITHOUT ROWID");
  Statement insert = database->Prepare(InsertRows(kSeats.info()));
  Statement update =
      database->Prepare(UpdateRows(kSeats.info(), decltype(kSeats)::Mask<&Seat::price>()));

  // Within a transaction; returns the number of rows changed.
  static int64_t RunAll(Statement& statement, const std::vector<Seat>& seats) {
    std::vector<store::RowWrite> rows;
    for (const Seat& seat : seats) rows.push_back({&seat, 0});
    return statement.RunAll({&kSeats.info(), rows});
  }
  absl::Status Run(Statement& statement, const std::vector<Seat>& seats) {
    database->Begin();
    RunAll(statement, seats);
    return database->Commit();
  }
  // "id price note type-of-note", one row per line.
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
  REQUIRE(
      world
          .Run(world.insert,
               {{"a", INT64_MIN, std::string("\0\xff", 2)}, {"b", INT64_MAX, ""}, {"", 1, "\n"}})
          .ok());
  REQUIRE(world.Table() ==
          " 1 0A blob\n"
          "a -9223372036854775808 00FF blob\n"
          "b 9223372036854775807  blob\n");
}

TEST_CASE("rows: a statement runs with other rows each time, and not at all without") {
  World world;
  world.database->Begin();
  REQUIRE(World::RunAll(world.insert, {}) == 0);
  REQUIRE(World::RunAll(world.insert, {{"a", 1, ""}, {"b", 2, ""}}) == 2);
  REQUIRE(World::RunAll(world.insert, {}) == 0);
  REQUIRE(World::RunAll(world.insert, {{"c", 3, ""}}) == 1);
  REQUIRE(world.database->Commit().ok());
  REQUIRE(world.Table() == "a 1  blob\nb 2  blob\nc 3  blob\n");
}

TEST_CASE("rows: an update changes the columns it names, of the rows it is given") {
  World world;
  REQUIRE(world.Run(world.insert, {{"a", 1, "x"}, {"b", 2, "y"}}).ok());
  REQUIRE(world.Run(world.update, {{"b", 7, "ignored"}}).ok());
  REQUIRE(world.Table() == "a 1 78 blob\nb 7 79 blob\n");
}

TEST_CASE("rows: one that breaks a rule takes the whole transaction with it") {
  World world;
  REQUIRE(world.Run(world.insert, {{"a", 1, ""}}).ok());

  world.database->Begin();
  world.database->Execute("INSERT INTO seats VALUES('before', 1, '')");
  REQUIRE(World::RunAll(world.insert, {{"b", 2, ""}, {"a", 3, ""}, {"c", 4, ""}}) == 0);
  world.database->Execute("INSERT INTO seats VALUES('after', 1, '')");
  REQUIRE(world.database->Commit().code() == absl::StatusCode::kInternal);
  REQUIRE(world.Table() == "a 1  blob\n");

  REQUIRE(world.Run(world.insert, {{"d", 5, ""}}).ok());
  REQUIRE(world.Table() == "a 1  blob\nd 5  blob\n");
}

TEST_CASE("rows: a table that lacks a column is a sticky error as any other") {
  World world;
  world.database->Execute("ALTER TABLE seats RENAME COLUMN note TO notes");
  Statement wrong = world.database->Prepare(InsertRows(kSeats.info()));
  REQUIRE_FALSE(world.Run(wrong, {{"a", 1, "ada"}}).ok());
  REQUIRE(world.Table().empty());
}

}  // namespace
}  // namespace seatsaga::sqlite
