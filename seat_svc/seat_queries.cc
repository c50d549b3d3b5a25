#include "seat_svc/seat_queries.h"

#include <utility>

#include "common/errors.h"
#include "common/id.h"
#include "common/text.h"

namespace seatsaga::seat {
namespace {

absl::Status EventNotFound(std::string_view event_id) {
  return MakeError(absl::StatusCode::kNotFound, "EVENT_NOT_FOUND",
                   Cat("there is no event \"", event_id, "\"; ListEvents names those there are"));
}

// Merges a hall with its reserved seats, both in the hall's order, into one page.
class SeatPager {
 public:
  SeatPager(const Hall& hall, const SeatQuery& query) : query_(query), cursor_(hall, query.first) {}

  // The next reserved seat. False: the page is full.
  bool AddReserved(SeatNo seat_no, std::string_view saga_id) {
    if (!AddAvailableUpTo(seat_no)) return false;
    cursor_.MoveTo(seat_no);
    if (query_.state != v1::SEAT_STATE_AVAILABLE) {
      v1::Seat* seat = Add(v1::SEAT_STATE_RESERVED);
      if (seat == nullptr) return false;
      if (const auto id = Id::FromBytes(saga_id); id.ok()) seat->set_reservation_id(id->ToString());
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

  SeatPage page;

 private:
  // nullptr if the page is full: then the seat is the next page's first.
  v1::Seat* Add(v1::SeatState state) {
    if (page.response->seats_size() >= query_.size) {
      page.next = cursor_.seat_no();
      return nullptr;
    }
    v1::Seat* seat = page.response->add_seats();
    seat->set_seat_id(cursor_.seat_id());
    seat->set_state(state);
    seat->set_price_minor(cursor_.price_minor());
    return seat;
  }

  const SeatQuery& query_;
  Hall::Cursor cursor_;
};

}  // namespace

absl::StatusOr<v1::Event> SeatQueries::GetEvent(std::string_view event_id) {
  std::optional<StoredEvent> stored = events_.Find(event_id);
  if (!stored) return EventNotFound(event_id);
  stored->event.set_available_seat_count(stored->event.seat_count() -
                                         events_.CountReserved(stored->event_no));
  return std::move(stored->event);
}

absl::StatusOr<EventPage> SeatQueries::ListEvents(std::string_view after_event_id, int size) {
  EventPage page;
  std::vector<StoredEvent> stored = events_.List(after_event_id, size + 1);
  page.more = stored.size() > static_cast<size_t>(size);
  if (page.more) stored.pop_back();
  for (StoredEvent& one : stored) {
    one.event.set_available_seat_count(one.event.seat_count() -
                                       events_.CountReserved(one.event_no));
    page.events.push_back(std::move(one.event));
  }
  return page;
}

absl::StatusOr<SeatPage> SeatQueries::ListSeats(const SeatQuery& query) {
  const std::shared_ptr<const Hall> hall = events_.FindHall(query.event_id);
  if (hall == nullptr) return EventNotFound(query.event_id);
  SeatPager pager(*hall, query);
  bool room = true;
  events_.VisitReserved(hall->event_no(), query.first, [&](SeatNo no, std::string_view saga_id) {
    return room = pager.AddReserved(no, saga_id);
  });
  if (room) pager.AddAvailableUpTo(hall->seat_count());
  return std::move(pager.page);
}

}  // namespace seatsaga::seat
