#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "orchestrator/core/domain_events.h"
#include "orchestrator/core/event.h"
#include "orchestrator/core/saga_state.h"
#include "orchestrator/store/saga_record.pb.h"

// Between the values of the engine and the bytes in the database. Pure; thread-safe. Decoding fails
// (DataLoss) only for bytes that this code did not write.
namespace seatsaga::store {

// One entry of a history: the event, and what the engine noted beside it.
struct HistoryRecord {
  core::Event event;
  absl::Duration duration;  // of the attempt that ended; zero otherwise
  int state_after = 0;      // orchestrator.v1.SagaState
};

// Jitter survives storage exactly when it is a multiple of this.
inline constexpr double kJitterUnit = 1.0 / 4294967296.0;

std::string EncodeState(const core::State& state);
absl::StatusOr<core::State> DecodeState(std::string_view bytes);

// The domain events that a transition told, and their place in the saga's partition.
struct ToldEvents {
  core::DomainEventList types;  // empty: none
  int64_t first_sequence = 0;
  absl::Time hold_expiry = absl::InfiniteFuture();  // infinite unless it began a wait
};

// Appends an entry to the bytes of a history, which is how histories grow. `result` is what the
// call did; null if it did not say.
void AppendHistory(const core::Event& event, absl::Duration duration, int state_after,
                   const saga::v1::ActionResult* result, const ToldEvents& told,
                   std::string& bytes);
ToldEvents ToldBy(const orchestrator::store::StoredEvent& stored);
HistoryRecord FromStored(const orchestrator::store::StoredEvent& stored);

}  // namespace seatsaga::store
