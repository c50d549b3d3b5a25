#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/status/status.h"
#include "common/id.h"
#include "common/newest_id.h"
#include "common/sqlite/database.h"
#include "reservation_svc/id_ranges.h"
#include "reservation_svc/reservation.h"
#include "reservation_svc/saga_starter.h"

namespace seatsaga::reservation {

// Reads what a batch decides on, and writes what it decided. Per batch, inside the transaction:
// Load, then Find / Insert / MarkChanged in memory, then Write. Errors stick to the database and
// make the commit fail. Writer thread only.
//
// Reservations that a batch left PENDING stay in memory, so that their confirmation is a write and
// not a read too. They are as many as may be PENDING at most (BookLimits).
class ReservationStore {
 public:
  // Its schema must have been migrated; must outlive the store.
  explicit ReservationStore(sqlite::Database& database,
                            int64_t rows_per_range = IdRanges::kRowsMax);

  // Forgets everything that it has in memory: after a commit that failed.
  void Forget();
  // Ends the batch before, and reads the reservations with these ids, or made by these requests.
  void Load(std::span<const Id> ids, std::span<const Id> request_ids);
  // Null if there is none. Valid until the next Load.
  Record* Find(const Id& id);
  Record* FindByRequest(const Id& request_id);
  // Neither its id nor its request_id may be known.
  Record& Insert(Record record);
  // `record` came from Find, and its state has changed.
  void MarkChanged(const Record& record);
  void Write();

  // What the orchestrator needs to start these sagas; final and unknown ids are left out. After
  // Write.
  std::vector<SagaStart> ReadStarts(std::span<const Id> ids);
  // All PENDING reservations, oldest first.
  std::vector<Id> ReadPending();

  // The first error of the transaction.
  const absl::Status& status() const { return database_.status(); }

 private:
  enum class Unwritten { kNothing, kNew, kChange };
  struct Row {
    Record record;
    Unwritten unwritten = Unwritten::kNothing;
  };

  void ForgetFinal();
  void LoadRow(sqlite::Statement& select, const Id& key);
  Row& Keep(Record record, Unwritten unwritten);
  void AddNew(const Record& record, sqlite::Rows& rows);
  void WriteChange(const Record& record);

  sqlite::Database& database_;
  sqlite::Statement select_by_id_;
  sqlite::Statement select_by_request_;
  sqlite::Statement select_pending_;
  sqlite::Statement insert_;
  sqlite::Statement update_;
  NewestId requests_;
  IdRanges ranges_;
  // Those of the present batch and all that are PENDING as far as known. Nodes stay where they are,
  // as `Find` promises.
  std::unordered_map<Id, Row, absl::Hash<Id>> rows_;
  absl::flat_hash_map<Id, Row*> by_request_;
  std::vector<Row*> unwritten_;
  std::vector<Id> of_batch_;  // rows that came or changed
};

}  // namespace seatsaga::reservation
