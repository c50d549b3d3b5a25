#include "orchestrator/store/saga_store.h"

#include <utility>

#include "common/text.h"

namespace seatsaga::store {
namespace {

using sqlite::Blob;

constexpr std::string_view kColumns = "id, live, view, attention, updated, state, facts, history";
// Those that every transition writes.
constexpr std::string_view kChanging = "view, attention, updated, state, facts, history";

sqlite::Rows ToRows(std::span<const SagaRow* const> sagas) {
  sqlite::Rows rows;
  for (const SagaRow* saga : sagas) {
    rows.Add(Blob{saga->id.bytes()}, saga->live, saga->view, saga->attention,
             absl::ToUnixMicros(saga->updated), Blob{saga->state}, Blob{saga->facts},
             Blob{saga->history});
  }
  return rows;
}

SagaRow ReadRow(const sqlite::Statement& statement) {
  return {
      .id = Id::FromBytes(statement.Text(0)).value_or(Id()),
      .live = statement.Int(1) != 0,
      .view = static_cast<int>(statement.Int(2)),
      .attention = statement.Int(3) != 0,
      .updated = absl::FromUnixMicros(statement.Int(4)),
      .state = std::string(statement.Text(5)),
      .facts = std::string(statement.Text(6)),
      .history = std::string(statement.Text(7)),
  };
}

std::optional<SagaRow> FindRow(sqlite::Statement& statement, const Id& id) {
  statement.Query(Blob{id.bytes()});
  std::optional<SagaRow> row;
  if (statement.Next()) row = ReadRow(statement);
  statement.Reset();
  return row;
}

bool Matches(const SagaListQuery& query, const SagaRow& row) {
  return (!query.view.has_value() || row.view == *query.view) &&
         (!query.attention || row.attention);
}

}  // namespace

SagaStore::SagaStore(sqlite::Database& database)
    : raise_epoch_(database.Prepare("UPDATE epoch SET epoch = epoch + 1 RETURNING epoch")),
      known_(database.Prepare("SELECT 1 FROM sagas WHERE id = ?1")),
      find_(database.Prepare(Cat("SELECT ", kColumns, " FROM sagas WHERE id = ?1"))),
      live_(database.Prepare(Cat("SELECT ", kColumns, " FROM sagas WHERE live = 1 ORDER BY id"))),
      insert_(database.Prepare(sqlite::InsertRows("sagas", kColumns))),
      update_(database.Prepare(sqlite::UpdateRows("sagas", kColumns, "id", kChanging))),
      update_live_(
          database.Prepare(sqlite::UpdateRows("sagas", kColumns, "id", Cat("live, ", kChanging)))),
      insert_chunk_(database.Prepare("INSERT INTO saga_history VALUES(?1,?2,?3)")),
      sagas_(database.Prepare("SELECT max(id) FROM sagas")) {}

uint64_t SagaStore::RaiseEpoch() {
  raise_epoch_.Query();
  const uint64_t epoch = raise_epoch_.Next() ? static_cast<uint64_t>(raise_epoch_.Int(0)) : 0;
  while (raise_epoch_.Next()) {
  }
  return epoch;
}

absl::flat_hash_set<Id> SagaStore::Known(std::span<const Id> ids) {
  absl::flat_hash_set<Id> known;
  for (const Id& id : ids) {
    if (!sagas_.MayHold(id)) continue;
    known_.Query(Blob{id.bytes()});
    if (known_.Next()) known.insert(id);
    known_.Reset();
  }
  return known;
}

std::optional<SagaRow> SagaStore::Find(const Id& id) { return FindRow(find_, id); }

void SagaStore::ForEachLive(const std::function<void(SagaRow)>& visit) {
  for (live_.Query(); live_.Next();) visit(ReadRow(live_));
}

void SagaStore::Write(const SagaWrites& writes) {
  for (const SagaRow* row : writes.inserts) sagas_.Add(row->id);
  insert_.RunAll(ToRows(writes.inserts));
  update_.RunAll(ToRows(writes.updates));
  update_live_.RunAll(ToRows(writes.live_changes));
  for (const HistoryChunk& chunk : writes.chunks) {
    insert_chunk_.Run(Blob{chunk.saga_id.bytes()}, chunk.first_sequence, Blob{chunk.history});
  }
}

SagaReader::SagaReader(sqlite::Database& database)
    : find_(database.Prepare(Cat("SELECT ", kColumns, " FROM sagas WHERE id = ?1"))),
      chunks_(database.Prepare(
          "SELECT history FROM saga_history WHERE saga_id = ?1 ORDER BY first_sequence")),
      list_(database.Prepare(
          Cat("SELECT ", kColumns, " FROM sagas WHERE id < ?1 ORDER BY id DESC LIMIT ?2"))),
      list_live_(database.Prepare(Cat("SELECT ", kColumns,
                                      " FROM sagas WHERE live = 1 AND id < ?1 ORDER BY id DESC "
                                      "LIMIT ?2"))) {}

std::optional<SagaRow> SagaReader::Find(const Id& id) { return FindRow(find_, id); }

std::string SagaReader::FullHistory(const SagaRow& row) {
  std::string history;
  for (chunks_.Query(Blob{row.id.bytes()}); chunks_.Next();) history += chunks_.Text(0);
  return history + row.history;
}

SagaPage SagaReader::List(const SagaListQuery& query) {
  const std::string above_all(Id::kSize, '\xff');
  std::string before(query.before.has_value() ? query.before->bytes() : above_all);
  if (query.stored_before.has_value()) {
    before = std::min(before, std::string(Id::LowerBound(*query.stored_before).bytes()));
  }
  sqlite::Statement& statement = query.live ? list_live_ : list_;
  SagaPage page;
  int examined = 0;
  Id last;
  for (statement.Query(Blob{before}, kExaminedMax); statement.Next();) {
    SagaRow row = ReadRow(statement);
    last = row.id;
    ++examined;
    if (Matches(query, row)) page.rows.push_back(std::move(row));
    if (static_cast<int>(page.rows.size()) == query.limit || examined == kExaminedMax) {
      page.next_before = last;
      break;
    }
  }
  statement.Reset();
  return page;
}

}  // namespace seatsaga::store
