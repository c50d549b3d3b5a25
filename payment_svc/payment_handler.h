#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "common/barrier.h"
#include "common/batch_loop.h"
#include "payment_svc/ask_schedule.h"
#include "payment_svc/payment_input.h"
#include "payment_svc/payment_rules.h"
#include "payment_svc/payment_store.h"
#include "payment_svc/provider.h"
#include "payment_svc/waiting_calls.h"

namespace seatsaga::payment {

struct PaymentLimits {
  // How long a call waits for the provider before it is answered IN_PROGRESS.
  absl::Duration long_poll = absl::Milliseconds(100);
  // Questions to the provider under way at once.
  size_t asks_max = 4096;
  // Payments that may wait for the provider; a charge beyond is answered UNKNOWN and leaves no
  // trace.
  size_t live_max = 100'000;
};

// Charges and refunds. A command first becomes a durable intent (barrier row and PENDING or
// REFUNDING payment in one transaction); only then is the provider asked; its answer is the next
// input, and is durable, with its ledger row, before any caller hears of it. Whatever a crash cuts
// off, Load asks about again with the same idempotency keys.
//
// The barrier row of a command whose outcome the provider decides holds IN_PROGRESS for good; a
// replay of it is answered from the payment. Writer thread only.
class PaymentHandler final : public BatchHandler<PaymentInput> {
 public:
  // All must outlive the handler.
  PaymentHandler(PaymentStore& store, Barrier& barrier, Provider& provider,
                 PaymentLimits limits = {});

  absl::Status Load(absl::Time now, AfterCommit& after) override;
  void Apply(std::vector<PaymentInput>& batch, absl::Time now, AfterCommit& after) override;
  absl::Time NextWake() const override;

  // Answers every waiting call with what is known. Call once the loop has stopped, before the
  // server drains.
  void AnswerWaiting() { calls_.AnswerAll(); }

 private:
  // A payment in memory: all that are live, and those that the present batch touches.
  struct Entry {
    Payment payment;
    bool stored = false;   // has its row
    bool touched = false;  // stands in touched_
    bool changed = false;  // must be written
    // The ask under way that counts; 0 for none. An answer to any other is not wanted any more.
    uint64_t ask_id = 0;
    absl::Time ask_at = absl::InfiniteFuture();
    bool look_first = false;
    int unknown_count = 0;
    std::vector<Waiter> waiters;
  };

  void LoadBatch(const std::vector<PaymentInput>& batch);
  Entry& Remember(Payment payment, bool stored);
  Entry* Find(const Id& id);
  void Change(Entry& entry);

  void Handle(ExecuteCommands& input, absl::Time now, AfterCommit& after);
  CommandResult Decide(PaymentCommand& command, absl::Time now, AfterCommit& after);
  CommandResult Charge(PaymentCommand& command, absl::Time now);
  CommandResult Refund(const PaymentCommand& command, absl::Time now, AfterCommit& after);
  CommandResult ReplayRefund(Entry& entry, absl::Time now);
  CommandResult Probe(const PaymentCommand& command, absl::Time now);
  static void Attach(Entry& entry, Waiter waiter);
  static void NotifyWaiters(Entry& entry, AfterCommit& after);

  void Handle(ProviderAnswer& answer, absl::Time now, AfterCommit& after);
  void ScheduleAsk(Entry& entry, absl::Time when);
  void SendAsks(absl::Time now, AfterCommit& after);
  void WatchProvider(const GatewayOutcome& outcome, AfterCommit& after);

  void WriteBatch();

  PaymentStore& store_;
  Barrier& barrier_;
  Provider& provider_;
  const PaymentLimits limits_;
  absl::flat_hash_map<Id, std::unique_ptr<Entry>> entries_;
  WaitingCalls calls_;
  AskSchedule asks_;
  uint64_t last_ask_id_ = 0;
  uint64_t generation_ = 0;
  int unknowns_in_a_row_ = 0;
  // Of the present batch.
  std::vector<Entry*> touched_;
  std::vector<Transfer> transfers_;
};

}  // namespace seatsaga::payment
