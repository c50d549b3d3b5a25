#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "common/sqlite/database.h"
#include "seat_svc/hall.h"
#include "seat_svc/hall_cache.h"
#include "seatsaga/seat/v1/seat.pb.h"

namespace seatsaga::seat {

// An event as it is stored: with its output-only fields, but for available_seat_count.
struct StoredEvent {
  int64_t event_no = 0;
  std::string fingerprint;
  v1::Event event;
};

// Halls by event id, nullptr where there is no such event; the keys are views into what was asked
// for.
using Halls = absl::flat_hash_map<absl::string_view, std::shared_ptr<const Hall>>;

// Everything that is read of events and of who holds their seats: on the writer's connection, or on
// a reader's. Errors stick to the connection. Not thread-safe: it belongs to its connection's
// thread.
class EventStore {
 public:
  explicit EventStore(sqlite::Database& database);

  std::optional<StoredEvent> Find(std::string_view event_id);
  // Up to `limit` events by id, after the one given ("" for the first), without their sections.
  std::vector<StoredEvent> List(std::string_view after_event_id, int limit);
  // Adds the halls that `halls` does not have yet, and keeps them in memory for the next time.
  void LoadHalls(std::span<const std::string_view> event_ids, Halls& halls);
  std::shared_ptr<const Hall> FindHall(std::string_view event_id);
  // Forgets the halls in memory: one may be of an event whose creation did not commit.
  void ForgetHalls() { halls_.Clear(); }

  int32_t CountReserved(int64_t event_no);
  // Visits the reserved seats from `first` on, in order, until `visit` returns false. `saga_id` has
  // 16 bytes, and is valid during the visit.
  void VisitReserved(int64_t event_no, SeatNo first,
                     absl::FunctionRef<bool(SeatNo seat_no, std::string_view saga_id)> visit);

 private:
  sqlite::Statement find_;
  sqlite::Statement find_hall_;
  sqlite::Statement list_;
  sqlite::Statement count_reserved_;
  sqlite::Statement visit_reserved_;
  HallCache halls_;
};

}  // namespace seatsaga::seat
