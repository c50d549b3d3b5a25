#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/id.h"
#include "orchestrator/store/event_log.h"

// Where a reader of the domain events is. Pure; thread-safe.
namespace seatsaga::service {

struct EventCursor {
  // Everything up to this batch was read, and from later ones what `positions` says.
  store::EventBatchKey at;
  store::EventPositions positions{};
};

// The opaque text, which only the store with this id understands.
std::string WriteEventCursor(const Id& store_id, const EventCursor& cursor);
// nullopt for anything that this store has not written.
std::optional<EventCursor> ReadEventCursor(const Id& store_id, std::string_view text);

}  // namespace seatsaga::service
