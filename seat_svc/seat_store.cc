#include "seat_svc/seat_store.h"

#include <algorithm>
#include <charconv>

#include "common/text.h"
#include "seat_svc/event_rules.h"

namespace seatsaga::seat {
namespace {

using sqlite::Blob;

std::string FormatSeatNos(std::span<const SeatNo> seat_nos) {
  std::string text;
  for (const SeatNo seat_no : seat_nos) Append(text, text.empty() ? "" : ",", seat_no);
  return text;
}

std::vector<SeatNo> ParseSeatNos(std::string_view text) {
  std::vector<SeatNo> seat_nos;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at < end; ++at) {  // ++ steps over the comma
    SeatNo seat_no = 0;
    at = std::from_chars(at, end, seat_no).ptr;
    seat_nos.push_back(seat_no);
  }
  return seat_nos;
}

std::string SerializeLayout(const v1::Event& event) {
  v1::Event layout;
  *layout.mutable_sections() = event.sections();
  return layout.SerializeAsString();
}

}  // namespace

SeatStore::SeatStore(sqlite::Database& database)
    : insert_event_(database.Prepare(
          "INSERT INTO events(event_id, display_name, currency, seat_count, created_us, "
          "fingerprint, layout) VALUES(?1,?2,?3,?4,?5,?6,?7) RETURNING event_no")),
      select_reserved_(
          database.Prepare("SELECT 1 FROM reserved_seats WHERE event_no=?1 AND seat_no=?2")),
      insert_reserved_(
          database.Prepare(sqlite::InsertRows("reserved_seats", "event_no, seat_no, saga_id"))),
      delete_reserved_(database.Prepare(
          "DELETE FROM reserved_seats WHERE event_no=?1 AND seat_no=?2 AND saga_id=?3")),
      select_hold_(database.Prepare(
          "SELECT event_no, seat_nos FROM saga_seats WHERE saga_id=?1 AND step=?2")),
      insert_holds_(
          database.Prepare(sqlite::InsertRows("saga_seats", "saga_id, step, event_no, seat_nos"))),
      delete_hold_(database.Prepare("DELETE FROM saga_seats WHERE saga_id=?1 AND step=?2")),
      add_to_count_(database.Prepare(
          "INSERT INTO reserved_counts(event_no, seat_count) VALUES(?1,?2) "
          "ON CONFLICT(event_no) DO UPDATE SET seat_count=seat_count+excluded.seat_count")) {}

int64_t SeatStore::InsertEvent(const v1::Event& event, std::string_view fingerprint,
                               absl::Time now) {
  const std::string layout = SerializeLayout(event);
  int64_t event_no = 0;
  insert_event_.Query(event.event_id(), event.display_name(), event.currency(), SeatCountOf(event),
                      absl::ToUnixMicros(now), Blob{fingerprint}, Blob{layout});
  while (insert_event_.Next()) event_no = insert_event_.Int(0);
  return event_no;
}

void SeatStore::LoadReserved(std::span<const SeatKey> seats, SeatSet& reserved) {
  for (const SeatKey& seat : seats) {
    for (select_reserved_.Query(seat.first, seat.second); select_reserved_.Next();) {
      reserved.insert(seat);
    }
  }
}

void SeatStore::LoadHolds(std::span<const HoldKey> keys, HoldMap& holds) {
  for (const HoldKey& key : keys) {
    for (select_hold_.Query(Blob{key.first.bytes()}, key.second); select_hold_.Next();) {
      holds.insert_or_assign(key, Hold{select_hold_.Int(0), ParseSeatNos(select_hold_.Text(1))});
    }
  }
}

void SeatStore::Write(std::span<const HoldChange> changes) {
  absl::flat_hash_map<int64_t, int64_t> added;  // by event
  while (!changes.empty()) {
    const HoldChange& first = changes.front();
    size_t count = 1;
    if (first.kind == HoldChange::kFreed) {
      added[first.hold.event_no] -= WriteFreed(first.key, first.hold);
    } else {
      const auto end = std::find_if(changes.begin(), changes.end(), [](const HoldChange& change) {
        return change.kind == HoldChange::kFreed;
      });
      count = static_cast<size_t>(end - changes.begin());
      WriteTaken(changes.first(count));
      for (const HoldChange& taken : changes.first(count)) {
        added[taken.hold.event_no] += static_cast<int64_t>(taken.hold.seat_nos.size());
      }
    }
    changes = changes.subspan(count);
  }
  for (const auto& [event_no, count] : added) {
    if (count != 0) add_to_count_.Run(event_no, count);
  }
}

void SeatStore::WriteTaken(std::span<const HoldChange> taken) {
  sqlite::Rows seats;
  sqlite::Rows holds;
  std::vector<std::string> seat_nos;
  seat_nos.reserve(taken.size());
  for (const HoldChange& change : taken) {
    const Blob saga_id{change.key.first.bytes()};
    for (const SeatNo seat_no : change.hold.seat_nos) {
      seats.Add(change.hold.event_no, seat_no, saga_id);
    }
    seat_nos.push_back(FormatSeatNos(change.hold.seat_nos));
    holds.Add(saga_id, change.key.second, change.hold.event_no, seat_nos.back());
  }
  insert_reserved_.RunAll(seats);
  insert_holds_.RunAll(holds);
}

int64_t SeatStore::WriteFreed(const HoldKey& key, const Hold& hold) {
  const Blob saga_id{key.first.bytes()};
  int64_t rows = 0;
  for (const SeatNo seat_no : hold.seat_nos) {
    rows += delete_reserved_.Run(hold.event_no, seat_no, saga_id);
  }
  delete_hold_.Run(saga_id, key.second);
  return rows;
}

}  // namespace seatsaga::seat
