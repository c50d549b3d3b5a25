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

// A command of a waiting call that waits for a payment.
struct Waiter {
  Ticket call = 0;
  size_t index = 0;  // of its result
  bool refund = false;
};

// A payment that is not settled yet, with what is known of the requests to the provider about it.
struct LivePayment {
  Payment payment;  // its row
  // The request under way that counts; 0 for none. The answer to any other has come too late.
  uint64_t ask_id = 0;
  Mono ask_at = Mono::InfiniteFuture();
  bool look_first = false;
  int unknown_count = 0;
  absl::InlinedVector<Waiter, 1> waiters;
};

// A call whose commands are not all definite yet.
struct WaitingCall {
  participant::Results results;  // IN_PROGRESS where it waits
  size_t open = 0;               // how many; 0: it was answered
  Mono due;                      // when it is answered all the same
};

// What payment_svc remembers between two batches. Changes in Remember and Reset only. Not
// thread-safe.
//
// Rows of live payments are part of it, because a look-up for every answer of the provider would be
// the most expensive part of a charge on SQLite. Only a lane that shares its store must look them
// up all the same, since another replica may have changed them: see PaymentLogic::Want.
class PaymentMemory {
 public:
  struct Counters {
    Ticket last_ticket = 0;
    uint64_t last_ask_id = 0;
    size_t asks_under_way = 0;
    int unknowns_in_a_row = 0;  // answers of the provider that settled nothing
  };
  // One payment that a batch looks at.
  struct Draft {
    std::unique_ptr<LivePayment> live;
    bool stored = false;            // has a row
    store::ColumnMask changed = 0;  // what of the row to write
  };
  // What a batch makes of the memory. In the order of the ids, as rows are best written.
  struct Change {
    std::map<Id, Draft> payments;         // those that are settled are forgotten
    std::map<Ticket, WaitingCall> calls;  // those that were answered are forgotten
    Counters counters;
  };

  void Remember(Change&& change);
  // Forgets everything, and that answers to earlier requests are to come.
  void Reset();
  // A payment that a restart found unsettled; the provider is asked about it at `ask_at`.
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
  DueQueue<Ticket> polls_;  // calls by when they are answered all the same
  Counters counters_;
  uint64_t generation_ = 0;
};

}  // namespace seatsaga::payment
