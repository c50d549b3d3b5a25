#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "orchestrator/core/definition.h"

// The state of one saga: the value that `Advance` maps to the next one, and that the store keeps.
// Copyable values; as thread-safe as an int. Times are in whole microseconds if those of the events
// are.
namespace seatsaga::core {

enum class Phase : uint8_t {
  kRunning,       // going forward
  kWaiting,       // at a wait step, until its signal or the hold's expiry
  kCompensating,  // undoing in reverse order
  kCompleted,     // terminal: every step succeeded; left only by a cancellation
  kCompensated,   // terminal: everything is undone
};

enum class CallKind : uint8_t { kNone, kAction, kProbe, kCompensation };

// The call that the saga is at: under way, backing off until `State::due`, or halted (parked).
struct OutstandingCall {
  CallKind kind = CallKind::kNone;
  bool under_way = false;
  // Number of the last attempt, probes included, for this step and direction. Only ever rises, so
  // that the answer to an older attempt can be told from the answer to this one.
  int attempt = 0;
  // Attempts that ended unknown since the budget was last fresh (the step's start, an operator's
  // retry).
  int unknown_count = 0;
  // An attempt may have taken effect without our knowing.
  bool in_doubt = false;
  // When the last attempt started.
  absl::Time started = absl::InfinitePast();

  bool operator==(const OutstandingCall&) const = default;
};

enum class ParkedKind : uint8_t {
  kNot,
  kFlagged,  // too many unknown outcomes: needs attention, but is still retried by itself
  kParked,   // waits for an operator; moves by itself no more
};

// Whether and why an operator should look.
struct Parked {
  ParkedKind kind = ParkedKind::kNot;
  absl::Time since = absl::InfinitePast();
  std::string reason{};  // UPPER_SNAKE_CASE
  std::string message{};

  bool operator==(const Parked&) const = default;
};

// What a saga in hold mode keeps besides.
struct Hold {
  absl::Time expiry = absl::InfiniteFuture();
  // How long the hold was to last at most when its expiry was set. If the wall clock steps back
  // after that, it still lasts no longer from the next wait on.
  absl::Duration length = absl::ZeroDuration();
  // The visit of the wait step for which a signal came before the saga did; 0: none.
  int signalled = 0;
  // Why the step was refused that the saga went back to try again.
  std::string setback_reason{};  // UPPER_SNAKE_CASE
  std::string setback_message{};

  bool operator==(const Hold&) const = default;
};

// A default State is a saga that has not started: only a Started event moves it.
struct State {
  int definition_version = 0;
  int64_t sequence = 0;  // transitions so far; the number of the newest history entry
  Phase phase = Phase::kRunning;
  int step = 0;  // index into the definition
  // How often the saga has come to each step on its way forward; 0 for steps that were passed over.
  std::array<uint8_t, kStepsMax> visits{};
  OutstandingCall call{};
  // When the engine must send TimerFired: the one durable timer of the saga. Infinite: none.
  absl::Time due = absl::InfiniteFuture();
  Parked parked{};

  // Cancellation was asked for and is done as soon as it is safe.
  bool cancel_requested = false;
  // Why it compensates, or will: the first cause stays. Not why it is parked.
  std::string reason{};  // UPPER_SNAKE_CASE
  std::string message{};
  // Set: it stops at the wait step. Otherwise it pays now.
  std::optional<Hold> hold{};

  bool operator==(const State&) const = default;
};

// The round of a call of this step: the visit that it belongs to, or is to undo. Steps that the
// saga passed over, because they only have something to undo, count as visited once.
inline int RoundOf(const State& state, int step) {
  return std::max<int>(1, state.visits[static_cast<size_t>(step)]);
}
inline bool IsStarted(const State& state) { return state.sequence > 0; }
inline bool IsTerminal(const State& state) {
  return state.phase == Phase::kCompleted || state.phase == Phase::kCompensated;
}
inline bool IsParked(const State& state) { return state.parked.kind == ParkedKind::kParked; }
inline bool IsBackingOff(const State& state) {
  return state.call.kind != CallKind::kNone && !state.call.under_way && !IsParked(state);
}

// Whether a run of this definition can reach this state. A stored state that it cannot reach is
// damaged: check when loading. `Advance` rejects every event for it.
bool IsCoherent(const Definition& definition, const State& state);

}  // namespace seatsaga::core
