#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "common/clock.h"
#include "common/due_queue.h"
#include "common/node/logic.h"
#include "common/participant/command.h"
#include "payment_svc/payment_tables.h"

namespace seatsaga::payment {

// A command of a waiting call; the command waits for a payment.
struct Waiter {
  Ticket call = 0;
  size_t index = 0;  // of its result
  bool refund = false;
};

// A payment that is not settled yet, and what is known of the requests to the provider about it.
struct LivePayment {
  Payment payment;  // its row
  // The request under way that counts; 0 for none. Answers to other requests are too late.
  uint64_t ask_id = 0;
  Mono ask_at = Mono::InfiniteFuture();
  bool look_first = false;
  int unknown_count = 0;
  absl::InlinedVector<Waiter, 1> waiters;
};

// A command that pays back of several payments: it is done when all of them are.
struct PaysBack {
  int open = 0;  // payments that are not settled yet
  CommandResult done;
};

// A call whose commands are not all definite yet.
struct WaitingCall {
  participant::Results results;          // IN_PROGRESS where it waits
  std::map<size_t, PaysBack> pays_back;  // by the index of the result
  size_t open = 0;                       // how many wait; 0: it was answered
  Mono due;                              // when it is answered even if commands are open
};

// What payment_svc remembers between batches. Changes only in Remember and Reset. Not
// thread-safe.
//
// It holds the rows of live payments, because a look-up per answer of the provider would be the
// most expensive part of a charge on SQLite. A lane that shares its store must still look them up,
// since another replica may have changed them (PaymentLogic::Want).
class PaymentMemory {
 public:
  struct Counters {
    Ticket last_ticket = 0;
    uint64_t last_ask_id = 0;
    size_t asks_under_way = 0;
    int unknowns_in_a_row = 0;  // answers of the provider that settled nothing
  };
  // One payment that a batch uses.
  struct Draft {
    std::unique_ptr<LivePayment> live;
    bool stored = false;            // has a row
    store::ColumnMask changed = 0;  // the row's columns to write
  };
  // A batch's changes to the memory. In the order of the ids, in which rows are written fastest.
  struct Change {
    std::map<Id, Draft> payments;         // those that are settled are forgotten
    std::map<Ticket, WaitingCall> calls;  // those that were answered are forgotten
    Counters counters;
  };

  void Remember(Change&& change);
  // Forgets everything. Answers to earlier requests will be ignored.
  void Reset();
  // Adds a payment that a restart found unsettled; the request about it is sent at `ask_at`.
  void AddLive(Payment payment, Mono ask_at);

  const LivePayment* Find(const Id& id) const;
  const WaitingCall* FindCall(Ticket ticket) const;
  const std::map<Ticket, WaitingCall>& calls() const { return calls_; }
  size_t live_count() const { return live_.size(); }
  const DueQueue<Id>& asks() const { return asks_; }
  const DueQueue<Ticket>& polls() const { return polls_; }
  const Counters& counters() const { return counters_; }
  uint64_t generation() const { return generation_; }

 private:
  absl::flat_hash_map<Id, std::unique_ptr<LivePayment>> live_;
  std::map<Ticket, WaitingCall> calls_;
  DueQueue<Id> asks_;       // payments by when to ask the provider next
  DueQueue<Ticket> polls_;  // calls by when they are answered in any case
  Counters counters_;
  uint64_t generation_ = 0;
};

}  // namespace seatsaga::payment
