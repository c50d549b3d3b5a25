#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "absl/time/time.h"
#include "orchestrator/core/definition.h"
#include "orchestrator/core/event.h"
#include "orchestrator/core/limits.h"
#include "orchestrator/core/saga_state.h"

// The saga engine's heart: a pure function from a saga's state and an event to its next state and
// the calls to make. No I/O, clock, randomness or threads inside; any thread may call it.
namespace seatsaga::core {

// A call to make once the state that caused it is durable. Its idempotency key is
// saga_id / step name / direction / round, the same for every attempt.
struct Command {
  CallKind kind = CallKind::kNone;
  CallId call{};
  int step = 0;
  Direction direction = Direction::kAction;
  // Which visit of the step this is. A compensation closes its own round and every one before it.
  int round = 1;
  int attempt = 0;
  absl::Duration deadline{};  // of the attempt, from when it is sent

  bool operator==(const Command&) const = default;
};

enum class Disposition : uint8_t {
  kApplied,   // a transition: store `next` and the event, then make the calls
  kIgnored,   // a duplicate, stale or early event: nothing changes, nothing is recorded
  kRejected,  // a request that is not legal: nothing changes; tell the asker `detail`
  kNotYet,    // the same, but it may be legal later
};

struct Decision {
  Disposition disposition = Disposition::kIgnored;
  std::string detail{};  // why it was ignored or rejected, for people; empty when applied
  State next{};          // equal to the state before unless applied
  absl::InlinedVector<Command, 2> commands{};  // at most one today
};

// Reasons that the core itself gives.
inline constexpr std::string_view kCancelledByClient = "CANCELLED_BY_CLIENT";
inline constexpr std::string_view kCancelledByOperator = "CANCELLED_BY_OPERATOR";
inline constexpr std::string_view kOutcomeUnknown = "OUTCOME_UNKNOWN";
inline constexpr std::string_view kUnexplained = "UNEXPLAINED";
inline constexpr std::string_view kImpossibleEvent = "IMPOSSIBLE_EVENT";

// What `event` does to a saga in `state`. Total: every pair has an answer.
//   - An answer to an attempt that is no longer awaited is ignored.
//   - An answer that no attempt can have had parks the saga with the evidence.
//   - A state that no run of `definition` can reach, or of another version, rejects every event.
// `definition` must be well formed.
Decision Advance(const Definition& definition, const State& state, const Event& event,
                 const Limits& limits);

// After a restart: the call that was under way, with the same attempt number (the idempotency key
// makes sending it twice harmless). Nothing if none was; timers go on from `State::due`. Not a
// transition: it changes nothing and is not recorded. `state` must be coherent.
std::optional<Command> Outstanding(const Definition& definition, const State& state);

}  // namespace seatsaga::core
