#include "seat_svc/seat_queries.h"

#include <optional>
#include <utility>
#include <vector>

#include "common/errors.h"
#include "common/id.h"
#include "common/text.h"
#include "seat_svc/event_rows.h"
#include "seat_svc/seat_requests.h"

namespace seatsaga::seat {
namespace {

int32_t CountReserved(store::Snapshot& snapshot, int64_t event_no) {
  const auto row = snapshot.Find(kReservedCounts, event_no);
  return row ? row->seat_count : 0;
}

// Merges a hall with its reserved seats, both in the hall's order, into one page.
class SeatPager {
 public:
  SeatPager(const Hall& hall, const SeatsQuery& query)
      : query_(query), cursor_(hall, query.first) {}

  // The next reserved seat; `reservation_id` has 16 bytes. False: the page is full.
  bool AddReserved(SeatNo seat_no, std::string_view reservation_id) {
    if (!AddAvailableUpTo(seat_no)) return false;
    cursor_.MoveTo(seat_no);
    if (query_.state != v1::SEAT_STATE_AVAILABLE) {
      v1::Seat* seat = Add(v1::SEAT_STATE_RESERVED);
      if (seat == nullptr) return false;
      if (const auto id = Id::FromBytes(reservation_id); id.ok())
        seat->set_reservation_id(id->ToString());
    }
    cursor_.Advance();
    return true;
  }

  // The available seats before `end`. False: the page is full.
  bool AddAvailableUpTo(SeatNo end) {
    if (query_.state == v1::SEAT_STATE_RESERVED) return true;
    for (; cursor_.seat_no() < end; cursor_.Advance()) {
      if (Add(v1::SEAT_STATE_AVAILABLE) == nullptr) return false;
    }
    return true;
  }

  OnArena<v1::ListSeatsResponse> page;

 private:
  // nullptr if the page is full: then the seat is the next page's first.
  v1::Seat* Add(v1::SeatState state) {
    if (page->seats_size() >= query_.size) {
      page->set_next_page_token(NextSeatsToken(query_, cursor_.seat_no()));
      return nullptr;
    }
    v1::Seat* seat = page->add_seats();
    seat->set_seat_id(cursor_.seat_id());
    seat->set_state(state);
    seat->set_price_minor(cursor_.price_minor());
    return seat;
  }

  const SeatsQuery& query_;
  Hall::Cursor cursor_;
};

}  // namespace

absl::Status EventNotFoundError(std::string_view event_id) {
  return MakeError(
      absl::StatusCode::kNotFound, "EVENT_NOT_FOUND",
      Cat("there is no event \"", event_id, "\"; call ListEvents to see which events exist"));
}

absl::Status SectionNotFoundError(std::string_view event_id, std::string_view section) {
  return MakeError(absl::StatusCode::kNotFound, "SECTION_NOT_FOUND",
                   Cat("event \"", event_id, "\" has no section \"", section,
                       "\"; call GetEvent to see its sections"));
}

absl::StatusOr<v1::GetEventResponse> SeatQueries::GetEvent(store::Snapshot& snapshot,
                                                           const EventQuery& query) {
  const std::optional<EventRow> row = snapshot.Find(kEvents, query.event_id);
  if (!row) return EventNotFoundError(query.event_id);
  v1::GetEventResponse response;
  v1::Event& event = *response.mutable_event();
  event = ToEvent(*row);
  event.set_available_seat_count(row->seat_count - CountReserved(snapshot, row->event_no));
  return response;
}

absl::StatusOr<v1::ListEventsResponse> SeatQueries::ListEvents(store::Snapshot& snapshot,
                                                               const EventsQuery& query) {
  store::Scan scan{.table = &kEvents.info(), .limit = query.size + 1};
  scan.beyond = store::ValueOf(query.after_event_id);
  v1::ListEventsResponse response;
  std::vector<int64_t> event_nos;
  snapshot.Visit(scan, [&](const store::RowView& row) {
    if (response.events_size() == query.size) {
      response.set_next_page_token(NextEventsToken(response.events().rbegin()->event_id()));
      return false;
    }
    *response.add_events() = ToSummary(row);
    event_nos.push_back(kEvents.Column<&EventRow::event_no>(row));
    return true;
  });
  for (int i = 0; i < response.events_size(); ++i) {
    v1::Event& event = *response.mutable_events(i);
    event.set_available_seat_count(event.seat_count() -
                                   CountReserved(snapshot, event_nos[static_cast<size_t>(i)]));
  }
  return response;
}

absl::StatusOr<OnArena<v1::ListSeatsResponse>> SeatQueries::ListSeats(store::Snapshot& snapshot,
                                                                      const SeatsQuery& query) {
  const std::shared_ptr<const Hall> hall = FindHall(snapshot, query.event_id);
  if (hall == nullptr) return EventNotFoundError(query.event_id);
  store::Scan scan{.table = &kReservedSeats.info(), .inclusive = true};
  scan.prefix.push_back(store::ValueOf(hall->event_no()));
  scan.beyond = store::ValueOf(query.first);
  SeatPager pager(*hall, query);
  bool room = true;
  snapshot.Visit(scan, [&](const store::RowView& row) {
    return room = pager.AddReserved(kReservedSeats.Column<&ReservedSeatRow::seat_no>(row),
                                    kReservedSeats.Bytes<&ReservedSeatRow::reservation_id>(row));
  });
  if (room) pager.AddAvailableUpTo(hall->seat_count());
  return std::move(pager.page);
}

std::shared_ptr<const Hall> SeatQueries::FindHall(store::Snapshot& snapshot,
                                                  const std::string& event_id) {
  std::shared_ptr<const Hall> hall = halls_.Find(event_id);
  if (hall == nullptr) {
    const std::optional<EventRow> row = snapshot.Find(kEvents, event_id);
    if (!row) return nullptr;
    hall = ToHall(*row);
  }
  halls_.Put(hall);
  return hall;
}

}  // namespace seatsaga::seat
