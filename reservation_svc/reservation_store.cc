#include "reservation_svc/reservation_store.h"

#include <cassert>
#include <optional>
#include <string>
#include <utility>

#include "common/text.h"
#include "reservation_svc/reservation_row.h"

namespace seatsaga::reservation {
namespace {

using sqlite::Blob;

constexpr int kFingerprintColumn = kReservationColumnCount;
constexpr int kSealedTokenColumn = kReservationColumnCount + 1;

std::string SelectRecordWhere(std::string_view condition) {
  return Cat("SELECT ", kReservationColumns, ", fingerprint, sealed_token FROM reservations WHERE ",
             condition);
}

Record ReadRecord(const sqlite::Statement& row) {
  return {.reservation = ReadReservation(row),
          .fingerprint = std::string(row.Text(kFingerprintColumn)),
          .sealed_token = std::string(row.Text(kSealedTokenColumn))};
}

SagaStart StartOf(const Record& record) {
  const Reservation& reservation = record.reservation;
  return {.id = reservation.id,
          .user_id = reservation.user_id,
          .event_id = reservation.event_id,
          .seats = reservation.seats,
          .sealed_token = record.sealed_token};
}

}  // namespace

ReservationStore::ReservationStore(sqlite::Database& database, int64_t rows_per_range)
    : database_(database),
      select_by_id_(database.Prepare(SelectRecordWhere("id=?1"))),
      select_by_request_(database.Prepare(SelectRecordWhere("request_id=?1"))),
      select_pending_(database.Prepare("SELECT id FROM reservations WHERE state=1 ORDER BY id")),
      insert_(database.Prepare(sqlite::InsertRows(
          "reservations",
          "id, request_id, fingerprint, user_id, event_id, seats, state, reason, message, "
          "amount_minor, currency, sealed_token, created_us, updated_us, range_no"))),
      update_(database.Prepare(
          "UPDATE reservations SET state=?2, reason=?3, message=?4, amount_minor=?5, currency=?6, "
          "updated_us=?7, sealed_token=NULL WHERE id=?1")),
      requests_(database.Prepare("SELECT max(request_id) FROM reservations")),
      ranges_(database, rows_per_range) {}

void ReservationStore::Load(std::span<const Id> ids, std::span<const Id> request_ids) {
  ForgetFinal();
  for (const Id& id : ids) {
    if (!rows_.contains(id)) LoadRow(select_by_id_, id);
  }
  for (const Id& request_id : request_ids) {
    if (by_request_.contains(request_id) || !requests_.MayHold(request_id)) continue;
    LoadRow(select_by_request_, request_id);
  }
}

void ReservationStore::Forget() {
  rows_.clear();
  by_request_.clear();
  unwritten_.clear();
  of_batch_.clear();
  ranges_.Forget();
}

void ReservationStore::ForgetFinal() {
  for (const Id& id : of_batch_) {
    const auto it = rows_.find(id);
    if (it == rows_.end() || it->second.record.reservation.state == State::kPending) continue;
    by_request_.erase(it->second.record.reservation.request_id);
    rows_.erase(it);
  }
  of_batch_.clear();
}

void ReservationStore::LoadRow(sqlite::Statement& select, const Id& key) {
  for (select.Query(Blob{key.bytes()}); select.Next();) {
    Keep(ReadRecord(select), Unwritten::kNothing);
  }
}

ReservationStore::Row& ReservationStore::Keep(Record record, Unwritten unwritten) {
  const Id id = record.reservation.id;
  const auto [it, is_new] = rows_.try_emplace(id, Row{std::move(record), unwritten});
  if (is_new) {
    by_request_[it->second.record.reservation.request_id] = &it->second;
    of_batch_.push_back(id);
  }
  return it->second;
}

Record* ReservationStore::Find(const Id& id) {
  const auto it = rows_.find(id);
  return it == rows_.end() ? nullptr : &it->second.record;
}

Record* ReservationStore::FindByRequest(const Id& request_id) {
  const auto it = by_request_.find(request_id);
  return it == by_request_.end() ? nullptr : &it->second->record;
}

Record& ReservationStore::Insert(Record record) {
  assert(Find(record.reservation.id) == nullptr);
  Row& row = Keep(std::move(record), Unwritten::kNew);
  unwritten_.push_back(&row);
  return row.record;
}

void ReservationStore::MarkChanged(const Record& record) {
  Row& row = rows_.at(record.reservation.id);
  if (row.unwritten != Unwritten::kNothing) return;
  row.unwritten = Unwritten::kChange;
  unwritten_.push_back(&row);
  of_batch_.push_back(record.reservation.id);
}

void ReservationStore::Write() {
  sqlite::Rows added;
  for (Row* row : unwritten_) {
    if (row->unwritten == Unwritten::kNew) {
      AddNew(row->record, added);
    } else {
      WriteChange(row->record);
    }
    row->unwritten = Unwritten::kNothing;
  }
  insert_.RunAll(added);
  unwritten_.clear();
}

void ReservationStore::AddNew(const Record& record, sqlite::Rows& rows) {
  const Reservation& r = record.reservation;
  requests_.Add(r.request_id);
  rows.Add(Blob{r.id.bytes()}, Blob{r.request_id.bytes()}, Blob{record.fingerprint}, r.user_id,
           r.event_id, r.seats, r.state, r.reason, r.message, r.price.amount_minor,
           r.price.currency, Blob{record.sealed_token}, absl::ToUnixMicros(r.create_time),
           absl::ToUnixMicros(r.update_time), ranges_.Place(r.id));
}

// Only a change to a final state is ever written, and it takes the token out of the database.
void ReservationStore::WriteChange(const Record& record) {
  const Reservation& r = record.reservation;
  assert(r.state != State::kPending);
  update_.Run(Blob{r.id.bytes()}, r.state, r.reason, r.message, r.price.amount_minor,
              r.price.currency, absl::ToUnixMicros(r.update_time));
}

std::vector<SagaStart> ReservationStore::ReadStarts(std::span<const Id> ids) {
  std::vector<SagaStart> starts;
  starts.reserve(ids.size());
  for (const Id& id : ids) {
    if (const Record* record = Find(id)) {  // most are made in this very batch
      if (record->reservation.state == State::kPending) starts.push_back(StartOf(*record));
      continue;
    }
    for (select_by_id_.Query(Blob{id.bytes()}); select_by_id_.Next();) {
      const Record record = ReadRecord(select_by_id_);
      if (record.reservation.state == State::kPending) starts.push_back(StartOf(record));
    }
  }
  return starts;
}

std::vector<Id> ReservationStore::ReadPending() {
  std::vector<Id> ids;
  for (select_pending_.Query(); select_pending_.Next();) ids.push_back(ReadId(select_pending_, 0));
  return ids;
}

}  // namespace seatsaga::reservation
