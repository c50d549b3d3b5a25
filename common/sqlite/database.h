#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/sqlite/files.h"
#include "common/sqlite/rows.h"

struct sqlite3;
struct sqlite3_stmt;

// SQLite as SeatSaga uses it: one process and one writing connection per database, WAL,
// synchronous=FULL. Only the lane and the schema beside it know that it is there.
//
// Errors are sticky: the first error of any statement is kept, statements then do nothing, and
// Commit rolls back and returns it. So store code reads as a list of statements, and none can be
// ignored.
namespace seatsaga::sqlite {

// Bytes to bind as a BLOB; a plain string_view binds as TEXT.
struct Blob {
  std::string_view bytes;
};

class Database;

// A prepared statement. Not thread-safe; must not outlive its database.
class Statement {
 public:
  Statement() = default;
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  // Binds the arguments to ?1, ?2, ... and runs to the end. Returns the number of rows changed.
  template <class... Args>
  int64_t Run(const Args&... args) {
    Start(args...);
    return RunToEnd();
  }

  // Runs to the end with these rows (common/sqlite/rows.h), if there are any. Returns the number of
  // rows changed.
  int64_t RunAll(const RowSource& rows);
  // Runs with the key and these columns of a row: parameter i + 1 is column i.
  int64_t RunRow(const store::TableInfo& table, const void* row, store::ColumnMask columns);
  // The same as Run and Query, for values that are known by their type only when they come.
  int64_t RunValues(std::span<const store::Value> values);
  void QueryValues(std::span<const store::Value> values);

  // Binds and starts a query; then loop: for (st.Query(a); st.Next();) st.Int(0) ...
  template <class... Args>
  void Query(const Args&... args) {
    Start(args...);
  }
  // Advances to the next row. At the end, or on an error, resets the statement and returns false.
  bool Next();
  // Columns of the present row, from 0. Views are valid until the next call of Next or Query.
  int64_t Int(int column) const;
  std::string_view Text(int column) const;  // also for BLOBs; empty for NULL
  bool IsNull(int column) const;
  // Ends a query before its last row.
  void Reset();
  bool prepared() const { return statement_ != nullptr; }

 private:
  friend class Database;
  Statement(Database* database, sqlite3_stmt* statement)
      : database_(database), statement_(statement) {}

  // Ready to be bound and run, in a transaction if one is open.
  void Restart();

  template <class... Args>
  void Start(const Args&... args) {
    Restart();
    int index = 0;
    (BindOne(++index, args), ...);
  }
  template <class T>
  void BindOne(int index, const T& value) {
    if constexpr (std::is_same_v<T, std::nullptr_t>) {
      BindNull(index);
    } else if constexpr (std::is_same_v<T, Blob>) {
      BindBlob(index, value.bytes);
    } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
      BindInt(index, static_cast<int64_t>(value));
    } else {
      BindText(index, value);
    }
  }
  void BindNull(int index);
  void BindValues(std::span<const store::Value> values);
  void BindValue(int index, const store::Value& value);
  void BindInt(int index, int64_t value);
  void BindText(int index, std::string_view value);
  void BindBlob(int index, std::string_view value);
  bool Step();
  // Returns the number of rows changed.
  int64_t RunToEnd();

  Database* database_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
};

// A connection. Not thread-safe: one thread at a time.
class Database final {
 public:
  using Step = absl::FunctionRef<absl::Status(Database&)>;

  // Opens or creates the database for writing: takes the file lock, lets `check` look at it before
  // anything is written, sets and verifies WAL and synchronous=FULL, checks the file, and lets
  // `prepare` bring its schema up to date. Errors say what to do: another process has it
  // (FailedPrecondition), the folder can't be written, the file is damaged (DataLoss), or what the
  // steps say.
  static absl::StatusOr<std::unique_ptr<Database>> OpenWriter(const std::string& path, Step check,
                                                              Step prepare,
                                                              Files& files = RealFiles());
  // A read-only connection to a database that a writer of this process holds open.
  static absl::StatusOr<std::unique_ptr<Database>> OpenReader(const std::string& path,
                                                              Files& files = RealFiles());

  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  // Wrong SQL is a sticky error like any other.
  Statement Prepare(std::string_view sql);
  // Makes this the sticky error, unless there is one.
  void Fail(absl::Status why);
  // Runs statements that need no arguments.
  void Execute(std::string_view sql);

  // Begin clears the sticky error: each transaction has its own. Between Begin and Commit a reader
  // sees one state of the database. SQLite hears of a transaction with its first statement, so one
  // without statements costs nothing.
  void Begin();
  absl::Status Commit();
  void Rollback();

  // The first row's first column; -1 or "" if there is none.
  int64_t ReadInt(std::string_view sql);
  std::string ReadText(std::string_view sql);

  // The first error since Begin.
  const absl::Status& status() const { return status_; }

 private:
  friend class Statement;
  Database(sqlite3* handle, std::unique_ptr<FileLock> lock)
      : handle_(handle), lock_(std::move(lock)) {}

  static absl::StatusOr<sqlite3*> OpenHandle(const std::string& path, int flags, const char* vfs);
  // Before any statement of a transaction.
  void EnsureBegun() {
    if (begin_pending_) BeginNow();
  }
  void BeginNow();
  void Fail(int code, std::string_view what);
  absl::Status ConfigureWriter(int64_t log_pages);
  absl::Status CheckIntegrity(const std::string& path);

  sqlite3* handle_;
  std::unique_ptr<FileLock> lock_;  // a writer's; released after the file is closed
  absl::Status status_;
  bool begin_pending_ = false;
  Statement begin_;
  Statement commit_;
};

}  // namespace seatsaga::sqlite
