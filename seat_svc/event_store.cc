#include "seat_svc/event_store.h"

#include <utility>

#include "absl/time/time.h"
#include "common/text.h"
#include "common/time_proto.h"

namespace seatsaga::seat {
namespace {

v1::Event ParseLayout(std::string_view bytes) {
  v1::Event event;
  event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  return event;
}

// From the columns event_no, fingerprint, event_id, display_name, currency, seat_count, created_us.
StoredEvent ReadSummary(const sqlite::Statement& row, v1::Event event = {}) {
  StoredEvent stored{row.Int(0), std::string(row.Text(1)), std::move(event)};
  stored.event.set_event_id(std::string(row.Text(2)));
  stored.event.set_display_name(std::string(row.Text(3)));
  stored.event.set_currency(std::string(row.Text(4)));
  stored.event.set_seat_count(static_cast<int32_t>(row.Int(5)));
  *stored.event.mutable_create_time() = ToProto(absl::FromUnixMicros(row.Int(6)));
  return stored;
}

}  // namespace

EventStore::EventStore(sqlite::Database& database)
    : find_(database.Prepare("SELECT event_no, fingerprint, event_id, display_name, currency, "
                             "seat_count, created_us, layout FROM events WHERE event_id=?1")),
      find_hall_(
          database.Prepare("SELECT event_no, currency, layout FROM events WHERE event_id=?1")),
      list_(database.Prepare("SELECT event_no, fingerprint, event_id, display_name, currency, "
                             "seat_count, created_us FROM events WHERE event_id>?1 "
                             "ORDER BY event_id LIMIT ?2")),
      count_reserved_(database.Prepare("SELECT seat_count FROM reserved_counts WHERE event_no=?1")),
      visit_reserved_(database.Prepare("SELECT seat_no, saga_id FROM reserved_seats "
                                       "WHERE event_no=?1 AND seat_no>=?2 ORDER BY seat_no")) {}

std::optional<StoredEvent> EventStore::Find(std::string_view event_id) {
  std::optional<StoredEvent> found;
  for (find_.Query(event_id); find_.Next();) {
    found = ReadSummary(find_, ParseLayout(find_.Text(7)));
  }
  return found;
}

std::vector<StoredEvent> EventStore::List(std::string_view after_event_id, int limit) {
  std::vector<StoredEvent> events;
  for (list_.Query(after_event_id, limit); list_.Next();) events.push_back(ReadSummary(list_));
  return events;
}

void EventStore::LoadHalls(std::span<const std::string_view> event_ids, Halls& halls) {
  for (const std::string_view event_id : event_ids) {
    const auto [it, is_new] = halls.try_emplace(AbslView(event_id));
    if (is_new) it->second = FindHall(event_id);
  }
}

std::shared_ptr<const Hall> EventStore::FindHall(std::string_view event_id) {
  std::shared_ptr<const Hall> hall = halls_.Find(event_id);
  if (hall != nullptr) return hall;
  for (find_hall_.Query(event_id); find_hall_.Next();) {
    hall = std::make_shared<const Hall>(find_hall_.Int(0), std::string(find_hall_.Text(1)),
                                        ParseLayout(find_hall_.Text(2)));
    halls_.Put(event_id, hall);
  }
  return hall;
}

int32_t EventStore::CountReserved(int64_t event_no) {
  int64_t count = 0;
  for (count_reserved_.Query(event_no); count_reserved_.Next();) count = count_reserved_.Int(0);
  return static_cast<int32_t>(count);
}

void EventStore::VisitReserved(
    int64_t event_no, SeatNo first,
    absl::FunctionRef<bool(SeatNo seat_no, std::string_view saga_id)> visit) {
  visit_reserved_.Query(event_no, first);
  while (visit_reserved_.Next()) {
    if (!visit(static_cast<SeatNo>(visit_reserved_.Int(0)), visit_reserved_.Text(1))) break;
  }
  visit_reserved_.Reset();
}

}  // namespace seatsaga::seat
