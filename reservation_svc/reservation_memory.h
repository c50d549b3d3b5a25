#pragma once

#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "common/clock.h"
#include "common/id.h"
#include "common/participant/command.h"
#include "common/participant/fencing.h"
#include "reservation_svc/id_ranges.h"
#include "reservation_svc/outbox.h"
#include "reservation_svc/reservation.h"
#include "reservation_svc/reservation_changes.h"
#include "reservation_svc/reservation_rules.h"
#include "reservation_svc/seat_changes.h"
#include "reservation_svc/user_event_counts.h"
#include "reservation_svc/waiters.h"

// What goes into the logic of reservation_svc, what comes out of it, and what it remembers.
namespace seatsaga::reservation {

// A client's CreateReservation, checked.
struct Create {
  Reservation reservation;       // as it will be if it is new, but for its times and its range
  absl::Duration hold_duration;  // of mode HOLD
  Mono wait_until;  // when to stop waiting until it is at rest; InfinitePast: do not wait
};

// What the outbox tells the orchestrator of.
enum class Message {
  kStart,   // a saga to start
  kSignal,  // what a client did: that it paid, or that it cancelled
};

// One call that delivers messages of one kind.
struct Delivery {
  Message message = Message::kStart;
  int64_t call = 0;  // comes back in its DeliveryResult
  std::vector<ReservationPtr> reservations;
};
struct DeliveryResult {
  Message message = Message::kStart;
  CallResult result;
};

// One call that extends a hold. Not stored: its client waits for the answer, and repeats the
// request.
struct ExtendCall {
  Ticket ticket = 0;  // comes back in its ExtendResult
  Id reservation_id;
  absl::Duration hold_duration;
  Mono deadline;
};
struct ExtendResult {
  enum class Outcome { kExtended, kTooLate, kUnknown };
  Ticket ticket = 0;
  Id reservation_id;
  Outcome outcome = Outcome::kUnknown;
  absl::Time expire_time;  // of kExtended
};

struct ReservationIo {
  using In = std::variant<Create, Payment, Cancellation, SeatChangeRequest, Extension,
                          participant::Commands<CommandBody>, participant::Take, DeliveryResult,
                          ExtendResult>;
  using Out = std::variant<ReservationPtr, participant::Results, participant::Taken>;
  using Send = std::variant<Delivery, ExtendCall>;
  struct Memory {
    std::vector<ReservationPtr> written;
    Mono waits_ended = Mono::InfinitePast();  // until when: their clients were answered
    std::vector<Waiter> waiting;
    std::vector<Ticket> extending;  // begun
    std::vector<Ticket> extended;   // ended, one way or the other
    Ticket last_ticket = 0;
    Outbox::Change starts;
    Outbox::Change signals;
    IdRanges::Change ranges;
    participant::Fencing::Change fencing;
  };
};

struct ReservationLimits {
  size_t pending_max = 100'000;   // live reservations; any more fail with OVERLOADED
  size_t waiters_max = 100'000;   // clients that wait; any more are answered at once
  size_t extending_max = 10'000;  // ExtendHold under way; any more fail with OVERLOADED
  int64_t rows_per_range = IdRanges::kRowsMax;
  UserEventLimits user_event;
  OutboxLimits outbox;
};

struct ReservationMemory {
  bool shared = false;  // whether the store has other writers
  participant::Fencing fencing;
  // Kept to tell the orchestrator of them, and so that a confirmation needs no read before its
  // write. In a store with other writers, kept only until the orchestrator was told, because others
  // may end it unseen.
  absl::flat_hash_map<Id, ReservationPtr> live;
  Outbox starts;
  Outbox signals;
  Waiters waiters;
  absl::btree_set<Ticket> extending;
  IdRanges ranges;
  Ticket last_ticket = 0;

  ReservationPtr FindLive(const Id& id) const {
    const auto found = live.find(id);
    return found == live.end() ? nullptr : found->second;
  }
  // What the waiter is told if its time is over.
  ReservationPtr Present(const Waiter& waiter) const {
    // In a store with other writers, what this process keeps may be older than what was read.
    ReservationPtr now = shared ? nullptr : FindLive(waiter.seen->id);
    return now == nullptr ? waiter.seen : now;
  }
};

}  // namespace seatsaga::reservation
