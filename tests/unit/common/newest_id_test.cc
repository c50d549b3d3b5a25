#include "common/newest_id.h"

#include <catch2/catch.hpp>

#include "tests/support/temp_dir.h"

namespace seatsaga {
namespace {

constexpr std::string_view kSchema[] = {"CREATE TABLE t(id BLOB PRIMARY KEY) WITHOUT ROWID"};

struct World {
  NewestId Make() { return NewestId(database->Prepare("SELECT max(id) FROM t")); }
  void Store(const Id& id) {
    database->Prepare("INSERT INTO t VALUES(?1)").Run(sqlite::Blob{id.bytes()});
  }

  testing::TempDir dir;
  std::unique_ptr<sqlite::Database> database =
      sqlite::Database::OpenWriter(dir.File("t.db"), kSchema).value();
  IdGenerator ids;
  Id first = ids.Next(absl::FromUnixSeconds(1'800'000'000));
  Id second = ids.Next(absl::FromUnixSeconds(1'800'000'001));
};

TEST_CASE("an empty table holds no id, and after an insert none above it") {
  World world;
  NewestId newest = world.Make();
  CHECK_FALSE(newest.MayHold(world.first));
  newest.Add(world.first);
  CHECK(newest.MayHold(world.first));
  CHECK_FALSE(newest.MayHold(world.second));
}

TEST_CASE("what was stored before is known, and a lower insert changes nothing") {
  World world;
  world.Store(world.second);
  NewestId newest = world.Make();
  CHECK(newest.MayHold(world.first));
  CHECK(newest.MayHold(world.second));
  newest.Add(world.first);
  CHECK(newest.MayHold(world.second));
}

TEST_CASE("a table that cannot be read may hold anything, and is asked again") {
  World world;
  world.Store(world.first);
  NewestId newest = world.Make();
  world.database->Begin();
  world.database->Execute("this is not SQL");
  CHECK(newest.MayHold(world.second));
  CHECK_FALSE(world.database->Commit().ok());
  world.database->Begin();
  CHECK(newest.MayHold(world.first));
  CHECK_FALSE(newest.MayHold(world.second));
  CHECK(world.database->Commit().ok());
}

}  // namespace
}  // namespace seatsaga
