#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "orchestrator/core/definition.h"

// What can happen to a saga. An event carries everything from outside, time and chance included, so
// that replaying a saga's events under the same limits gives the same state again.
namespace seatsaga::core {

enum class EventType : uint8_t {
  kStarted,              // uses hold_mode, hold_expiry
  kCallEnded,            // uses step, direction, round, attempt, outcome, reason, message, jitter
  kProbeEnded,           // the same
  kTimerFired,           // now >= State::due
  kSignalled,            // what a wait step waits for; uses step, round
  kCancelRequested,      // by the client; uses message
  kOperatorRetried,      // try the outstanding call again, with fresh attempts
  kOperatorCompensated,  // undo, if the pivot allows it; uses message
  kHoldExtended,         // by the client; uses hold_expiry
};

// Whether an attempt of a call has ended: then the event says which, and how.
inline bool EndsAttempt(EventType type) {
  return type == EventType::kCallEnded || type == EventType::kProbeEnded;
}

enum class Direction : uint8_t { kAction, kCompensation };

// How an attempt ended. A participant that is still busy is asked again within the attempt's
// deadline, so "in progress" never gets here. Nor does a refusal for a stale fencing token: it says
// nothing about the call, only that another orchestrator owns the saga now.
enum class Outcome : uint8_t {
  kUnknown,    // the deadline passed, the connection broke, or the participant does not know either
  kSucceeded,  // done
  kRefused,    // a definite "no", without effect
  kNotFound,   // probes only: the action has not arrived, so far
  kInvalid,    // a bug: a malformed command, or its key is known with another body
};

struct Event {
  EventType type = EventType::kStarted;
  absl::Time now{};     // whole microseconds, if the store keeps those
  double jitter = 0.0;  // in [0, 1), for the backoff; part of the history too

  // Which attempt ended; a probe's direction is kAction. Or which visit of a wait a signal is for.
  int step = 0;
  Direction direction = Direction::kAction;
  int round = 1;  // which visit of the step
  int attempt = 0;
  Outcome outcome = Outcome::kUnknown;
  std::string reason{};  // UPPER_SNAKE_CASE
  std::string message{};

  bool hold_mode = false;
  absl::Time hold_expiry = absl::InfiniteFuture();
};

}  // namespace seatsaga::core
