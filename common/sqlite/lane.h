#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/sqlite/database.h"
#include "common/sqlite/files.h"
#include "common/sqlite/open_files.h"
#include "common/sqlite/snapshot.h"
#include "common/store/lane.h"

// Stores on SQLite: one file per service, one process and one writer per file.
namespace seatsaga::sqlite {

// The writer. Answers at once. A commit is never in conflict or fenced: nobody else writes to the
// file. (An owner owns all of it.) It is in doubt if the log may have it and may not keep it: see
// Settle in common/sqlite/schema.h, which Load does before it shows anything. It is also in doubt
// once the store's files are not where they were, for as long as they are not.
class SqliteLane final : public store::Lane {
 public:
  // Both must outlive the lane.
  SqliteLane(Database& writer, const OpenFiles& open_files)
      : database_(writer), open_files_(open_files), snapshot_(writer) {}

  void Read(store::Rows& rows, absl::AnyInvocable<void() &&> then) override;
  void Commit(const store::Fence* fence, store::Rows& rows,
              absl::AnyInvocable<void(store::CommitResult) &&> then) override;
  void Abandon() override;
  absl::Status Load(absl::FunctionRef<absl::Status(store::Snapshot&)> load) override;
  bool shared() const override { return false; }

 private:
  // Prepared when first needed.
  struct TableStatements {
    const store::TableInfo* table = nullptr;
    std::vector<Statement> find;         // by the size of the key's prefix, from 1
    std::vector<Statement> find_unique;  // by index
    struct Insert {
      Statement one;
      Statement many;
    };
    Insert insert;
    Statement erase;
    struct Update {
      store::ColumnMask columns = 0;
      Statement one;
      Statement many;
    };
    std::vector<Update> update;
    // The highest value of what rises, in the key (first) and in each unique index: nothing lies
    // above.
    struct HighestValue {
      bool known = false;
      std::string bytes;
    };
    std::vector<HighestValue> highest;
  };

  void EnsureBegun();
  TableStatements& Of(const store::TableInfo& table);
  void Read(store::TableRows& rows);
  Statement& FindStatement(TableStatements& statements, const store::Wanted& wanted);
  // Of the first key column or of the unique index: no value above this is in the table. Null if
  // none is known.
  std::string* Highest(TableStatements& statements, int index);
  void NoteInserted(TableStatements& statements, const store::TableRows::Writes& writes);
  void Write(const store::TableRows& rows);
  // So many rows of a table were to be changed, and so many were there.
  void MustBeThere(const store::TableInfo& table, size_t wanted, int64_t there);
  void WriteUpdates(TableStatements& statements, const std::vector<store::RowWrite>& updated);
  // Rows whose same columns change.
  void WriteUpdates(TableStatements& statements, store::ColumnMask columns,
                    std::span<const store::RowWrite> rows);

  Database& database_;
  const OpenFiles& open_files_;
  SqliteSnapshot snapshot_;
  bool begun_ = false;
  bool in_doubt_ = false;  // from a commit that ended so until it is settled
  std::vector<std::unique_ptr<TableStatements>> tables_;
};

class SqliteStore final : public store::Store {
 public:
  // Errors say what to do: see Database::OpenWriter and common/sqlite/schema.h.
  static absl::StatusOr<std::unique_ptr<store::Store>> Open(const std::string& path,
                                                            const store::Schema& schema,
                                                            Files& files = RealFiles());

  store::Lane& lane() override { return lane_; }
  absl::Status Query(absl::FunctionRef<void(store::Snapshot&)> query) override;
  const store::Identity& identity() const override { return identity_; }
  absl::Status Adopt() override;

 private:
  SqliteStore(Files& files, std::string path, std::unique_ptr<Database> writer,
              std::unique_ptr<Database> reader, store::Identity identity)
      : files_(files),
        path_(std::move(path)),
        writer_(std::move(writer)),
        reader_(std::move(reader)),
        open_files_(files_, path_),
        lane_(*writer_, open_files_),
        snapshot_(*reader_),
        identity_(identity) {}

  Files& files_;
  const std::string path_;
  std::unique_ptr<Database> writer_;
  std::unique_ptr<Database> reader_;
  const OpenFiles open_files_;
  SqliteLane lane_;
  SqliteSnapshot snapshot_;  // of the reader
  store::Identity identity_;
};

// Stores where `path_of(service)` says.
class SqliteStores final : public store::Stores {
 public:
  explicit SqliteStores(std::function<std::string(std::string_view service)> path_of,
                        Files& files = RealFiles())
      : path_of_(std::move(path_of)), files_(files) {}
  absl::StatusOr<std::unique_ptr<store::Store>> Open(const store::Schema& schema) override {
    return SqliteStore::Open(path_of_(schema.service), schema, files_);
  }

 private:
  const std::function<std::string(std::string_view service)> path_of_;
  Files& files_;
};

}  // namespace seatsaga::sqlite
