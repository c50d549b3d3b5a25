#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/on_arena.h"
#include "common/store/lane.h"
#include "seat_svc/hall_cache.h"
#include "seatsaga/seat/v1/seat.pb.h"

namespace seatsaga::seat {

struct EventQuery {
  std::string event_id;
};

struct EventsQuery {
  std::string after_event_id;
  int size = 0;
};

struct SeatsQuery {
  std::string event_id;
  SeatNo first = 0;
  int size = 0;
  v1::SeatState state = v1::SEAT_STATE_UNSPECIFIED;  // unspecified: any
};

// NOT_FOUND (EVENT_NOT_FOUND).
absl::Status EventNotFoundError(std::string_view event_id);
// NOT_FOUND (SECTION_NOT_FOUND).
absl::Status SectionNotFoundError(std::string_view event_id, std::string_view section);

// Answers to queries. Error: NOT_FOUND (EVENT_NOT_FOUND); errors of the store stay in the snapshot.
// Not thread-safe: queries run one at a time.
class SeatQueries {
 public:
  absl::StatusOr<v1::GetEventResponse> GetEvent(store::Snapshot& snapshot, const EventQuery& query);
  absl::StatusOr<v1::ListEventsResponse> ListEvents(store::Snapshot& snapshot,
                                                    const EventsQuery& query);
  absl::StatusOr<OnArena<v1::ListSeatsResponse>> ListSeats(store::Snapshot& snapshot,
                                                           const SeatsQuery& query);

  // nullptr if there is no such event.
  std::shared_ptr<const Hall> FindHall(store::Snapshot& snapshot, const std::string& event_id);

 private:
  HallCache halls_;
};

}  // namespace seatsaga::seat
