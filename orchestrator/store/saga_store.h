#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "common/id.h"
#include "common/newest_id.h"
#include "common/sqlite/database.h"

// The orchestrator's tables. Errors are the database's sticky error: see common/sqlite/database.h.
namespace seatsaga::store {

// A row of `sagas`, encoded. In memory too, so that a transition re-encodes only what it changed.
struct SagaRow {
  Id id;
  bool live = true;
  int view = 0;  // orchestrator.v1.SagaState
  bool attention = false;
  absl::Time updated;
  std::string state;
  std::string facts;
  std::string history;
};

// Entries that leave a row's `history` for a row of their own.
struct HistoryChunk {
  Id saga_id;
  int64_t first_sequence = 0;
  std::string history;
};

// What one batch changed; each saga at most once.
struct SagaWrites {
  std::vector<const SagaRow*> inserts;
  // Updates apart by whether they change `live`: SQLite rewrites the index of live sagas whenever
  // its column is assigned.
  std::vector<const SagaRow*> updates;
  std::vector<const SagaRow*> live_changes;
  std::vector<HistoryChunk> chunks;
};

// The writer's side. Writer thread only, inside the batch's transaction.
class SagaStore {
 public:
  explicit SagaStore(sqlite::Database& database);

  // Raises and returns the epoch: this process' fencing token.
  uint64_t RaiseEpoch();
  // Which of the ids are stored.
  absl::flat_hash_set<Id> Known(std::span<const Id> ids);
  std::optional<SagaRow> Find(const Id& id);
  // Every live saga, oldest first.
  void ForEachLive(const std::function<void(SagaRow)>& visit);
  void Write(const SagaWrites& writes);

 private:
  sqlite::Statement raise_epoch_;
  sqlite::Statement known_;
  sqlite::Statement find_;
  sqlite::Statement live_;
  sqlite::Statement insert_;
  sqlite::Statement update_;
  sqlite::Statement update_live_;
  sqlite::Statement insert_chunk_;
  NewestId sagas_;
};

struct SagaListQuery {
  std::optional<Id> before;  // only ids below this: where the last page ended
  std::optional<int> view;   // orchestrator.v1.SagaState
  std::optional<absl::Time> stored_before;
  bool attention = false;
  bool live = false;  // the caller knows that only live sagas can match
  int limit = 0;
};

struct SagaPage {
  std::vector<SagaRow> rows;
  std::optional<Id> next_before;  // set when there may be more
};

// Queries, on a connection of their own. One thread.
class SagaReader {
 public:
  // Rows looked at for one page: a filter that few match gives short pages rather than a long wait.
  static constexpr int kExaminedMax = 5000;

  explicit SagaReader(sqlite::Database& database);

  std::optional<SagaRow> Find(const Id& id);
  // The whole history's bytes, oldest first: chunks, then the row's own.
  std::string FullHistory(const SagaRow& row);
  SagaPage List(const SagaListQuery& query);

 private:
  sqlite::Statement find_;
  sqlite::Statement chunks_;
  sqlite::Statement list_;
  sqlite::Statement list_live_;
};

}  // namespace seatsaga::store
