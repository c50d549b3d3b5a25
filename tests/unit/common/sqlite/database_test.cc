#include "common/sqlite/database.h"

#include <sqlite3.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "common/text.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/common/sqlite/open.h"

namespace seatsaga::sqlite {
namespace {

using testing::TempDir;

constexpr std::string_view kSeats =
    "CREATE TABLE seats(id TEXT PRIMARY KEY, price INTEGER, note BLOB) WITHOUT ROWID";

std::unique_ptr<Database> OpenNew(const TempDir& dir) {
  auto database = OpenWithTable(dir.File("a.db"), kSeats);
  INFO(database.status());
  REQUIRE(database.ok());
  return *std::move(database);
}

bool Contains(const absl::Status& status, std::string_view text) {
  return View(status.message()).find(text) != std::string_view::npos;
}

int64_t CountSeats(Database& database) {
  Statement count = database.Prepare("SELECT count(*) FROM seats");
  count.Query();
  return count.Next() ? count.Int(0) : -1;
}

std::string Pragma(Database& database, const std::string& name) {
  Statement statement = database.Prepare("PRAGMA " + name);
  statement.Query();
  return statement.Next() ? std::string(statement.Text(0)) : "";
}

absl::Status Insert(Database& database, const std::string& sql) {
  database.Begin();
  database.Execute(sql);
  return database.Commit();
}

// Nobody may write in the folder while this lives, not even root on this thread.
class ReadOnlyFolder {
 public:
  explicit ReadOnlyFolder(const TempDir& dir) : path_(dir.path()) {
    chmod(path_.c_str(), 0555);
    if (geteuid() == 0) setfsuid(65534);
  }
  ~ReadOnlyFolder() {
    if (geteuid() == 0) setfsuid(0);
    chmod(path_.c_str(), 0700);
  }

 private:
  std::string path_;
};

TEST_CASE("a writer commits durably: WAL and synchronous=FULL, and distrusts its file") {
  const TempDir dir;
  const auto database = OpenNew(dir);
  REQUIRE(Pragma(*database, "journal_mode") == "wal");
  REQUIRE(Pragma(*database, "synchronous") == "2");
  REQUIRE(Pragma(*database, "trusted_schema") == "0");
  REQUIRE(Pragma(*database, "cell_size_check") == "1");
  REQUIRE(Pragma(*database, "mmap_size") == "0");
}

TEST_CASE("values of every kind come back as they went in") {
  const TempDir dir;
  const auto database = OpenNew(dir);
  const std::string bytes("\0\xff\0", 3);
  database->Begin();
  Statement insert = database->Prepare("INSERT INTO seats VALUES(?1,?2,?3)");
  REQUIRE(insert.Run("stalls/A/1", INT64_MIN, Blob{bytes}) == 1);
  REQUIRE(insert.Run(std::string("stalls/A/2"), nullptr, Blob{""}) == 1);
  REQUIRE(database->Commit().ok());

  Statement select =
      database->Prepare("SELECT id, price, note FROM seats WHERE id>=?1 ORDER BY id");
  select.Query("stalls");
  REQUIRE(select.Next());
  REQUIRE(select.Text(0) == "stalls/A/1");
  REQUIRE(select.Int(1) == INT64_MIN);
  REQUIRE(select.Text(2) == bytes);
  REQUIRE(select.Next());
  REQUIRE(select.IsNull(1));
  REQUIRE_FALSE(select.IsNull(2));
  REQUIRE(select.Text(2).empty());
  REQUIRE_FALSE(select.Next());
}

TEST_CASE("a second writer is refused until the first has gone") {
  const TempDir dir;
  auto first = OpenNew(dir);
  const auto second = OpenWithTable(dir.File("a.db"), kSeats);
  REQUIRE(second.status().code() == absl::StatusCode::kFailedPrecondition);
  REQUIRE(Contains(second.status(), "another process uses"));
  REQUIRE(Contains(second.status(), dir.File("a.db")));
  first.reset();
  REQUIRE(OpenWithTable(dir.File("a.db"), kSeats).ok());
}

// A second connection to the file, such as a tool's.
struct Tool {
  explicit Tool(const std::string& path) {
    REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  }
  ~Tool() { sqlite3_close(handle); }
  Tool(const Tool&) = delete;
  Tool& operator=(const Tool&) = delete;
  int Do(const char* sql) const { return sqlite3_exec(handle, sql, nullptr, nullptr, nullptr); }

  sqlite3* handle = nullptr;
};

TEST_CASE("a writer waits a moment for a tool that writes, and then fails the transaction") {
  const TempDir dir;
  const auto writer = OpenNew(dir);
  const auto write = [&] { return Insert(*writer, "DELETE FROM seats"); };
  const Tool tool(dir.File("a.db"));
  REQUIRE(tool.Do("BEGIN IMMEDIATE") == SQLITE_OK);
  const auto begin = std::chrono::steady_clock::now();
  CHECK(absl::IsUnavailable(write()));
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(150));
  REQUIRE(tool.Do("COMMIT") == SQLITE_OK);
  CHECK(write().ok());
  CHECK(tool.Do("PRAGMA wal_checkpoint(TRUNCATE)") == SQLITE_OK);
  CHECK(write().ok());
}

TEST_CASE("a file that its check refuses is left as it was") {
  const TempDir dir;
  std::ofstream(dir.File("a.db")).close();
  const auto refused = Database::OpenWriter(
      dir.File("a.db"), [](Database&) { return absl::FailedPreconditionError("not mine"); },
      [](Database& database) {
        database.Execute(kSeats);
        return database.status();
      });
  REQUIRE(Contains(refused.status(), "not mine"));
  REQUIRE(std::filesystem::file_size(dir.File("a.db")) == 0);
}

TEST_CASE("a folder that is missing or read-only is an error that says what to do") {
  const TempDir dir;
  const auto missing = OpenWithTable(dir.File("no/a.db"), kSeats);
  REQUIRE(missing.status().code() == absl::StatusCode::kPermissionDenied);
  REQUIRE(Contains(missing.status(), "create the folder, or choose another with --database"));

  const ReadOnlyFolder locked(dir);
  const auto read_only = OpenWithTable(dir.File("a.db"), kSeats);
  REQUIRE(read_only.status().code() == absl::StatusCode::kPermissionDenied);
  REQUIRE(Contains(read_only.status(), "Permission denied"));
  REQUIRE(Contains(read_only.status(), dir.File("a.db")));
}

TEST_CASE("a file that is no database is refused as damaged, with its path and what to do") {
  const TempDir dir;
  std::ofstream(dir.File("a.db")) << std::string(8192, 'x');
  const auto database = OpenWithTable(dir.File("a.db"), kSeats);
  REQUIRE(database.status().code() == absl::StatusCode::kDataLoss);
  REQUIRE(Contains(database.status(), dir.File("a.db")));
  REQUIRE(Contains(database.status(), "restore a backup"));
}

TEST_CASE("a database with damaged pages is refused, with its path and what to do") {
  const TempDir dir;
  {
    const auto database = OpenNew(dir);
    database->Begin();
    Statement insert = database->Prepare("INSERT INTO seats VALUES(?1,1,?2)");
    for (int i = 0; i < 200; ++i) insert.Run(Cat("seat/", i), Blob{std::string(200, 'n')});
    REQUIRE(database->Commit().ok());
  }
  std::fstream file(dir.File("a.db"), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(2 * 4096);  // within the table: the first page is the header's
  file << std::string(4096, '\x5a');
  file.close();
  const auto database = OpenWithTable(dir.File("a.db"), kSeats);
  REQUIRE(database.status().code() == absl::StatusCode::kDataLoss);
  REQUIRE(Contains(database.status(), dir.File("a.db")));
  REQUIRE(Contains(database.status(), "restore a backup"));
}

TEST_CASE("after an error nothing of the transaction is kept, and the next one is free of it") {
  const TempDir dir;
  const auto database = OpenNew(dir);
  Statement insert = database->Prepare("INSERT INTO seats VALUES(?1, 1, NULL)");
  database->Begin();
  REQUIRE(insert.Run("a") == 1);
  REQUIRE(insert.Run("a") == 0);  // breaks the key
  REQUIRE(insert.Run("b") == 0);  // does nothing any more
  REQUIRE_FALSE(database->status().ok());
  const absl::Status committed = database->Commit();
  REQUIRE(committed.code() == absl::StatusCode::kInternal);
  REQUIRE(Contains(committed, "UNIQUE"));
  REQUIRE(CountSeats(*database) == -1);  // the error sticks until Begin

  database->Begin();
  REQUIRE(database->status().ok());
  REQUIRE(CountSeats(*database) == 0);
  REQUIRE(insert.Run("c") == 1);
  REQUIRE(database->Commit().ok());
  REQUIRE(CountSeats(*database) == 1);
}

TEST_CASE("a statement whose SQL was wrong fails every transaction that uses it") {
  const TempDir dir;
  const auto database = OpenNew(dir);
  Statement wrong = database->Prepare("INSERT INTO no_such_table VALUES(?1)");
  REQUIRE_FALSE(database->status().ok());
  database->Begin();
  wrong.Run(1);
  REQUIRE_FALSE(database->Commit().ok());
}

TEST_CASE("a rolled-back transaction leaves nothing") {
  const TempDir dir;
  const auto database = OpenNew(dir);
  database->Begin();
  database->Execute("INSERT INTO seats VALUES('a', 1, NULL)");
  database->Rollback();
  REQUIRE(CountSeats(*database) == 0);
  REQUIRE(Insert(*database, "INSERT INTO seats VALUES('a', 1, NULL)").ok());
}

TEST_CASE("a reader sees what was committed and nothing else, and cannot write") {
  const TempDir dir;
  const auto writer = OpenNew(dir);
  const auto reader = Database::OpenReader(dir.File("a.db"));
  REQUIRE(reader.ok());
  writer->Begin();
  writer->Execute("INSERT INTO seats VALUES('a', 1, NULL)");
  REQUIRE(CountSeats(**reader) == 0);
  REQUIRE(writer->Commit().ok());
  REQUIRE(CountSeats(**reader) == 1);
  (*reader)->Execute("DELETE FROM seats");
  REQUIRE_FALSE((*reader)->status().ok());
  REQUIRE(CountSeats(*writer) == 1);
}

TEST_CASE("a reader of a database that does not exist is refused") {
  const TempDir dir;
  REQUIRE_FALSE(Database::OpenReader(dir.File("a.db")).ok());
}

TEST_CASE("what was committed is there after the file is opened again") {
  const TempDir dir;
  REQUIRE(Insert(*OpenNew(dir), "INSERT INTO seats VALUES('a', 1, NULL)").ok());
  REQUIRE(CountSeats(*OpenNew(dir)) == 1);
}

}  // namespace
}  // namespace seatsaga::sqlite
