#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/on_arena.h"
#include "common/sqlite/database.h"
#include "seat_svc/event_store.h"
#include "seatsaga/seat/v1/seat.pb.h"

namespace seatsaga::seat {

struct EventPage {
  std::vector<v1::Event> events;  // without their sections
  bool more = false;              // go on after the last event's id
};

struct SeatQuery {
  std::string event_id;
  SeatNo first = 0;
  int size = 0;
  v1::SeatState state = v1::SEAT_STATE_UNSPECIFIED;  // unspecified: any
};

struct SeatPage {
  OnArena<v1::ListSeatsResponse> response;  // without its token
  std::optional<SeatNo> next;               // first seat of the next page
};

// Answers to queries. Error: NOT_FOUND (EVENT_NOT_FOUND). Not thread-safe: runs on the read lane,
// which gives each query its snapshot and answers for the database's errors.
class SeatQueries {
 public:
  // `reader` is a connection of its own and outlives this.
  explicit SeatQueries(sqlite::Database& reader) : events_(reader) {}

  absl::StatusOr<v1::Event> GetEvent(std::string_view event_id);
  absl::StatusOr<EventPage> ListEvents(std::string_view after_event_id, int size);
  absl::StatusOr<SeatPage> ListSeats(const SeatQuery& query);

 private:
  EventStore events_;
};

}  // namespace seatsaga::seat
