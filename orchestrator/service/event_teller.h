#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "common/id.h"
#include "orchestrator/engine/live_saga.h"
#include "orchestrator/store/event_log.h"
#include "seatsaga/orchestrator/v1/domain_event.pb.h"

namespace seatsaga::service {

inline constexpr std::string_view kEventTypePrefix = "seatsaga.";

// Makes domain events anew, as they were, from what is stored of them and the histories of their
// sagas. Keeps the sagas that it has read: for one page. Not thread-safe.
class EventTeller {
 public:
  EventTeller(const sagas::Registry& registry, const Id& store_id, store::Snapshot& snapshot);

  // The event of this number and sequence among `events`. Of a saga that cannot be read, as little
  // as `events` says.
  void Tell(const orchestrator::store::StoredEvents& events, uint8_t number, int64_t sequence,
            orchestrator::v1::DomainEvent& event);

 private:
  struct Saga {
    engine::DecodedSaga decoded;
    orchestrator::store::StoredHistory history;
  };
  // Null if it cannot be read.
  const Saga* Find(const Id& id);

  const sagas::Registry& registry_;
  const std::string source_;
  store::Snapshot& snapshot_;
  absl::flat_hash_map<Id, std::unique_ptr<Saga>> sagas_;
};

}  // namespace seatsaga::service
