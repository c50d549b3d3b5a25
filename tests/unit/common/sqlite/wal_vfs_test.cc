#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <memory>
#include <string>

#include "common/sqlite/database.h"
#include "common/text.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/common/sqlite/open.h"

// The log of a writing connection: common/sqlite/wal_vfs.h.
namespace seatsaga::sqlite {
namespace {

using testing::TempDir;

constexpr std::string_view kPages =
    "CREATE TABLE pages(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)";
constexpr int64_t kPageBytes = 4000;  // of a row: each fills a page

struct World {
  TempDir dir;
  std::unique_ptr<Database> database = *OpenWithTable(dir.File("a.db"), kPages);
  Statement insert =
      database->Prepare(Cat("INSERT INTO pages VALUES(?1, randomblob(", kPageBytes, "))"));

  absl::Status WritePages(int64_t first, int64_t count) {
    database->Begin();
    for (int64_t id = first; id < first + count; ++id) insert.Run(id);
    return database->Commit();
  }
};

int64_t CountPages(Database& database) {
  Statement count = database.Prepare("SELECT count(*) FROM pages");
  count.Query();
  const int64_t pages = count.Next() ? count.Int(0) : -1;
  count.Reset();
  return pages;
}

// How many calls this process has made to write to files.
int64_t WriteCalls() {
  std::ifstream io("/proc/self/io");
  std::string name;
  int64_t value = 0;
  while (io >> name >> value) {
    if (name == "syscw:") return value;
  }
  return -1;
}

// While it lives, files of this process may not grow beyond `bytes`, as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limited{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limited);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

TEST_CASE("wal: the pages of a commit reach the kernel in a call or a few") {
  World world;
  REQUIRE(world.WritePages(0, 1).ok());  // the first commit writes the log's header, too
  WriteCalls();                          // a sanitizer writes to pipes when it sees a type first
  int64_t calls = WriteCalls();
  REQUIRE(world.WritePages(1, 20).ok());
  REQUIRE(WriteCalls() - calls == 1);
  calls = WriteCalls();
  REQUIRE(world.WritePages(100, 200).ok());  // 800 KB: more than one call takes
  REQUIRE(WriteCalls() - calls <= 8);
}

TEST_CASE("wal: a transaction larger than the cache reads what it has written") {
  World world;
  world.database->Execute("PRAGMA cache_size=10");
  world.database->Begin();
  for (int64_t id = 0; id < 300; ++id) world.insert.Run(id);
  REQUIRE(CountPages(*world.database) == 300);
  Statement update = world.database->Prepare("UPDATE pages SET bytes=zeroblob(10) WHERE id%2=0");
  REQUIRE(update.Run() == 150);  // writes pages again that are in the log already
  REQUIRE(world.database->Commit().ok());

  const auto reader = *Database::OpenReader(world.dir.File("a.db"));
  Statement bytes = reader->Prepare("SELECT sum(length(bytes)) FROM pages");
  bytes.Query();
  REQUIRE(bytes.Next());
  REQUIRE(bytes.Int(0) == 150 * (kPageBytes + 10));
}

TEST_CASE("wal: a reader sees a commit as soon as it has returned, before and after a checkpoint") {
  World world;
  const auto reader = *Database::OpenReader(world.dir.File("a.db"));
  for (int64_t commit = 1; commit <= 40; ++commit) {  // a checkpoint comes after some 1,000 pages
    REQUIRE(world.WritePages(commit * 100, 50).ok());
    REQUIRE(CountPages(*reader) == commit * 50);
  }
}

TEST_CASE("wal: a commit that cannot be written fails as a whole, and the next one can succeed") {
  World world;
  REQUIRE(world.WritePages(0, 5).ok());
  {
    const FileSizeLimit limit(100'000);
    REQUIRE_FALSE(world.WritePages(100, 50).ok());
    world.database->Begin();
    REQUIRE(CountPages(*world.database) == 5);
    REQUIRE(world.database->Commit().ok());
  }
  REQUIRE(world.WritePages(200, 50).ok());
  world.insert = Statement();
  world.database.reset();
  const auto again = *OpenWithTable(world.dir.File("a.db"), kPages);
  REQUIRE(CountPages(*again) == 55);
}

}  // namespace
}  // namespace seatsaga::sqlite
