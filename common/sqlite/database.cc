#include "common/sqlite/database.h"

#include <sqlite3.h>

#include <utility>

#include "common/text.h"

namespace seatsaga::sqlite {
namespace {

// Of the log: a page and its header.
constexpr int64_t kFrameBytes = 4096 + 24;
// Enough for what a writer touches again and again: new rows are next to each other. Not more,
// because SQLite searches the whole cache at a commit that has moved rows between pages
// (pcache1TruncateUnsafe in pcache1.c: balancing gives pages a number beyond the end for a while).
constexpr int kCachePages = 2000;

// Nobody else should write, but a tool that makes a backup or a checkpoint may, for a moment.
constexpr int kWriterPatienceMs = 200;

// Memory that a connection keeps for its statements' short-lived values.
constexpr int kLookasideBytes = 1200;
constexpr int kLookasideSlots = 400;

// Held for the life of the process: SQLite's own locks would let a second writer in between two
// transactions.
absl::StatusOr<std::unique_ptr<FileLock>> LockFile(Files& files, const std::string& path) {
  const std::string lock_path = path + ".lock";
  auto lock = files.TryLock(lock_path);
  if (!lock.ok()) {
    return absl::PermissionDeniedError(
        Cat("cannot write ", lock_path, ": ", View(lock.status().message()),
            "; create the folder, or choose another with --database"));
  }
  if (*lock == nullptr) {
    return absl::FailedPreconditionError(Cat(
        "another process uses ", path, "; stop it first, or choose another file with --database"));
  }
  return lock;
}

absl::Status DamagedError(const std::string& path, std::string_view evidence) {
  return absl::DataLossError(
      Cat(path, " is damaged (", evidence, "); keep a copy of the file and restore a backup"));
}

}  // namespace

absl::StatusOr<sqlite3*> Database::OpenHandle(const std::string& path, int flags, const char* vfs) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, vfs);
  if (code != SQLITE_OK) {
    const std::string message = handle == nullptr ? "out of memory" : sqlite3_errmsg(handle);
    sqlite3_close(handle);
    return absl::UnavailableError(Cat("cannot open ", path, ": ", message));
  }
  sqlite3_extended_result_codes(handle, 1);
  RegisterRows(handle);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_LOOKASIDE, nullptr, kLookasideBytes, kLookasideSlots);
  return handle;
}

absl::StatusOr<std::unique_ptr<Database>> Database::OpenWriter(const std::string& path, Step check,
                                                               Step prepare, Files& files) {
  auto lock = LockFile(files, path);
  if (!lock.ok()) return lock.status();
  if (auto status = files.Rewrite(path + "-wal"); !status.ok()) return status;
  absl::StatusOr<sqlite3*> handle =
      OpenHandle(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, files.writer_vfs());
  if (!handle.ok()) return handle.status();
  sqlite3_busy_timeout(*handle, kWriterPatienceMs);
  auto database = std::unique_ptr<Database>(new Database(*handle, *std::move(lock)));
  absl::Status configured = check(*database);
  if (configured.ok()) configured = database->ConfigureWriter(files.log_pages());
  if (absl::IsDataLoss(configured)) return DamagedError(path, View(configured.message()));
  if (!configured.ok()) return configured;
  if (auto status = database->CheckIntegrity(path); !status.ok()) return status;
  if (auto status = prepare(*database); !status.ok()) return status;
  // Room for the pages of a full log, and for the batch that goes beyond them.
  const int64_t log_bytes = 2 * files.log_pages() * kFrameBytes;
  if (auto status = files.ReserveSpace(path + "-wal", log_bytes); !status.ok()) return status;
  return database;
}

absl::StatusOr<std::unique_ptr<Database>> Database::OpenReader(const std::string& path,
                                                               Files& files) {
  absl::StatusOr<sqlite3*> handle = OpenHandle(path, SQLITE_OPEN_READONLY, files.vfs());
  if (!handle.ok()) return handle.status();
  auto database = std::unique_ptr<Database>(new Database(*handle, nullptr));
  sqlite3_db_config(*handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_busy_timeout(*handle, 1000);  // only a WAL recovery or schema change makes a reader wait
  database->Execute(
      "PRAGMA query_only=ON; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
      "PRAGMA mmap_size=0");
  if (!database->status_.ok()) return database->status_;
  return database;
}

Database::~Database() {
  begin_ = Statement();
  commit_ = Statement();
  sqlite3_close_v2(handle_);
}

Statement Database::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) Fail(code, sql);
  return {this, statement};
}

void Database::Execute(std::string_view sql) {
  EnsureBegun();
  if (!status_.ok()) return;
  const int code = sqlite3_exec(handle_, std::string(sql).c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) Fail(code, sql);
}

void Database::Begin() {
  status_ = absl::OkStatus();
  begin_pending_ = true;
}

void Database::BeginNow() {
  begin_pending_ = false;
  if (!begin_.prepared()) {
    // A writer asks for the right to write at once; a reader may not, and gets its snapshot anyway.
    const bool is_writer = lock_ != nullptr;
    begin_ = Prepare(is_writer ? "BEGIN IMMEDIATE" : "BEGIN");
    commit_ = Prepare("COMMIT");
  }
  begin_.Run();
}

absl::Status Database::Commit() {
  if (std::exchange(begin_pending_, false)) return status_;
  if (status_.ok()) commit_.Run();
  if (!status_.ok()) Rollback();
  return status_;
}

void Database::Rollback() {
  begin_pending_ = false;
  // Not Execute: the sticky error must survive. SQLite may have rolled back by itself already.
  if (sqlite3_get_autocommit(handle_) == 0) {
    sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

void Database::Fail(absl::Status why) {
  if (status_.ok()) status_ = std::move(why);
}

void Database::Fail(int code, std::string_view what) {
  if (!status_.ok()) return;
  const std::string message = Cat("SQLite: ", sqlite3_errmsg(handle_), " (", sqlite3_errstr(code),
                                  ") in: ", what.substr(0, 120));
  switch (code & 0xFF) {
    case SQLITE_FULL:
      status_ = absl::ResourceExhaustedError(message);
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      status_ = absl::DataLossError(message);
      break;
    case SQLITE_CONSTRAINT:
      status_ = absl::InternalError(message);
      break;
    default:
      status_ = absl::UnavailableError(message);
  }
}

int64_t Database::ReadInt(std::string_view sql) {
  Statement statement = Prepare(sql);
  statement.Query();
  const int64_t value = statement.Next() ? statement.Int(0) : -1;
  statement.Reset();
  return value;
}

std::string Database::ReadText(std::string_view sql) {
  Statement statement = Prepare(sql);
  statement.Query();
  std::string value(statement.Next() ? statement.Text(0) : "");
  statement.Reset();
  return value;
}

absl::Status Database::ConfigureWriter(int64_t log_pages) {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  const std::string mode = ReadText("PRAGMA journal_mode=WAL");
  Execute(
      Cat("PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF;"
          "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA foreign_keys=OFF;"
          "PRAGMA temp_store=MEMORY; PRAGMA cache_size=",
          kCachePages, "; PRAGMA wal_autocheckpoint=", log_pages));
  if (!status_.ok()) return status_;
  const int64_t synchronous = ReadInt("PRAGMA synchronous");
  if (mode != "wal" || synchronous != 2) {
    return absl::FailedPreconditionError(
        Cat("this file system does not give durable commits (journal_mode=", mode,
            ", synchronous=", synchronous, "); use a local disk with --database"));
  }
  return absl::OkStatus();
}

absl::Status Database::CheckIntegrity(const std::string& path) {
  const std::string verdict = ReadText("PRAGMA quick_check(1)");
  if (status_.ok() && verdict == "ok") return absl::OkStatus();
  return DamagedError(path, status_.ok() ? verdict : View(status_.message()));
}

}  // namespace seatsaga::sqlite
