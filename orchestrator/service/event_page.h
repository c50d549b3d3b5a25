#pragma once

#include <bitset>

#include "absl/status/statusor.h"
#include "common/errors.h"
#include "orchestrator/sagas/registry.h"
#include "orchestrator/service/event_cursor.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"

// WatchEvents: its request, and its pages, which are read from the store. Stateless; thread-safe.
namespace seatsaga::service {

// What a client wants to hear of.
struct EventsQuery {
  std::optional<EventCursor> cursor;  // none: as `from` says
  orchestrator::v1::WatchFrom from = orchestrator::v1::WATCH_FROM_UNSPECIFIED;
  std::bitset<256> types;  // by number
};

// INVALID_ARGUMENT names the field.
absl::StatusOr<EventsQuery> ParseWatchEvents(const Id& store_id,
                                             const orchestrator::v1::WatchEventsRequest& request);

// Where the query begins. INVALID_ARGUMENT if this store has not come to its cursor, because it is
// older than the one that wrote it.
absl::StatusOr<EventCursor> BeginEvents(store::Snapshot& snapshot, const EventsQuery& query);

inline constexpr int kEventsPerPageMax = 256;
// Of any type, so that a filter that few match holds nobody up.
inline constexpr int kEventsExaminedMax = 2048;
inline constexpr int kEventBatchesPerPageMax = 1024;

struct EventPage {
  orchestrator::v1::WatchEventsResponse response;  // without its cursor
  EventCursor next;
  bool more = false;    // there are events after these
  int passed_over = 0;  // events of other types
};

// The events after `from`. OUT_OF_RANGE (EVENTS_ERASED) if the next ones are not there any more.
absl::StatusOr<EventPage> ReadEvents(const sagas::Registry& registry, const Id& store_id,
                                     store::Snapshot& snapshot, const EventCursor& from,
                                     const std::bitset<256>& types);

}  // namespace seatsaga::service
