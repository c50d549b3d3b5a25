#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/clock.h"
#include "common/node/logic.h"
#include "common/participant/desk.h"
#include "common/random.h"
#include "payment_svc/payment_io.h"
#include "payment_svc/payment_rules.h"

namespace seatsaga::payment {

struct PaymentLimits {
  // How long a call waits for the provider before the answer is IN_PROGRESS.
  absl::Duration long_poll = absl::Milliseconds(100);
  // Requests to the provider that may be under way at once.
  size_t asks_max = 4096;
  // Payments that may wait for the provider. Any further charge is answered UNKNOWN and leaves no
  // trace.
  size_t live_max = 100'000;
};

// One batch while it is being decided. Works on copies of what it touches, and leaves the memory
// unchanged. Lives for one PaymentLogic::Decide.
class PaymentBatch {
 public:
  PaymentBatch(const PaymentMemory& memory, const PaymentLimits& limits, participant::Desk& desk,
               store::Rows& rows, const Tick& tick, Plan<PaymentIo>& plan);

  // Call these for the inputs, in their order, then Finish once.
  void Execute(size_t input, const PaymentCommands& call);
  void Learn(const ProviderAnswer& answer);
  void Finish();

 private:
  using Draft = PaymentMemory::Draft;

  // Null if there is no such payment. The pointer stays valid.
  Draft* Find(const Id& id);
  Draft& Add(const Id& id);
  // Call this after changing the row, which was in this state before.
  void Changed(Draft& draft, PaymentState before);

  CommandResult Execute(const PaymentCommand& command);
  CommandResult Charge(const PaymentCommand& command);
  CommandResult Refund(const PaymentCommand& command);
  CommandResult PayBack(const PaymentCommand& command);
  bool IsNull(const PaymentCommand& command, const Part& part);
  // Why it cannot be paid back now or ever; nullopt if it can.
  std::optional<CommandResult> CheckPayBack(const PaymentCommand& command);
  CommandResult PayBackResult(const PaymentCommand& command);
  // Its answer once all of it is settled.
  CommandResult PaidBack(const PaymentCommand& command);
  void Undo(Draft& draft, int64_t amount_minor, const Id& saga_id);
  CommandResult Replay(const PaymentCommand& command);
  void AskAgainIfRefused(Draft& draft);
  CommandResult Probe(const PaymentCommand& command);
  void EndRound(const Payment& payment);

  // --- Calls that wait
  void Attach(const PaymentCommand& command, Ticket ticket, size_t index);
  void Attach(const Id& payment_id, Waiter waiter);
  void NotifyWaiters(LivePayment& live);
  // Null if the call has been answered.
  WaitingCall* FindCall(Ticket ticket);
  void AnswerLate(Ticket ticket, WaitingCall& call);
  void ExpireCalls();
  void AnswerOrParkNewCalls();

  // --- payment_asks.cc: requests to the provider
  void AskProvider();
  void Send(LivePayment& live);
  void WatchProvider(const GatewayOutcome& outcome);
  void LogIfNotable(const Payment& payment);

  void WritePayments();

  const PaymentMemory& memory_;
  const PaymentLimits& limits_;
  participant::Desk& desk_;
  store::Rows& rows_;
  const Tick& tick_;
  Plan<PaymentIo>& plan_;
  PaymentMemory::Change& change_;
  Random chance_;
  size_t live_count_;
  std::vector<std::pair<size_t, Ticket>> new_calls_;  // by input
};

}  // namespace seatsaga::payment
