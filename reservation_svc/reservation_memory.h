#pragma once

#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/clock.h"
#include "common/id.h"
#include "common/participant/command.h"
#include "common/participant/fencing.h"
#include "reservation_svc/id_ranges.h"
#include "reservation_svc/outbox.h"
#include "reservation_svc/reservation.h"
#include "reservation_svc/reservation_rules.h"
#include "reservation_svc/waiters.h"

// What goes into the logic of reservation_svc, what comes out of it, and what it remembers.
namespace seatsaga::reservation {

// A client's CreateReservation, checked.
struct Create {
  Reservation reservation;  // as it will be if it is new, but for its times and its range
  Mono wait_until;          // when to stop waiting for the final state; InfinitePast: do not wait
};

// One call of StartSagas.
struct StartBatch {
  int64_t call = 0;  // comes back in its StartResult
  std::vector<ReservationPtr> sagas;
};

struct ReservationIo {
  using In =
      std::variant<Create, participant::Commands<CommandBody>, participant::Take, StartResult>;
  using Out = std::variant<ReservationPtr, participant::Results, participant::Taken>;
  using Send = StartBatch;
  struct Memory {
    std::vector<ReservationPtr> written;
    Mono waits_ended = Mono::InfinitePast();  // until when: their clients were answered
    std::vector<Waiter> waiting;
    Outbox::Change outbox;
    IdRanges::Change ranges;
    participant::Fencing::Change fencing;
  };
};

struct ReservationLimits {
  size_t pending_max = 100'000;  // PENDING reservations; any more fail with OVERLOADED
  size_t waiters_max = 100'000;  // clients that wait; any more are answered PENDING at once
  int64_t rows_per_range = IdRanges::kRowsMax;
  OutboxLimits outbox;
};

struct ReservationMemory {
  participant::Fencing fencing;
  // Kept to start their sagas, and so that a confirmation needs no read before its write. In a
  // store with other writers, kept only until the saga was started, because others may end it
  // unseen.
  absl::flat_hash_map<Id, ReservationPtr> pending;
  Outbox outbox;
  Waiters waiters;
  IdRanges ranges;
  Ticket last_ticket = 0;

  ReservationPtr FindPending(const Id& id) const {
    const auto found = pending.find(id);
    return found == pending.end() ? nullptr : found->second;
  }
};

}  // namespace seatsaga::reservation
