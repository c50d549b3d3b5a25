#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "common/batch_loop.h"
#include "payment_svc/payment_input.h"

namespace seatsaga::payment {

// A call whose commands are not all definite yet.
struct WaitingCall {
  CommandResults results;  // IN_PROGRESS where it waits
  Reply<CommandResults> reply;
  size_t undone = 0;
  absl::Time due;

  bool answered() const { return !reply.pending(); }
};

// One command of a waiting call that waits for one payment.
struct Waiter {
  std::shared_ptr<WaitingCall> call;
  CommandKind kind = CommandKind::kCharge;
  size_t index = 0;
};

// Calls that wait for the provider, each for at most `long_poll`. A call is answered when its last
// command is definite, or when its time has come: then with IN_PROGRESS for the rest, and
// forgotten; the work goes on. Writer thread only.
class WaitingCalls {
 public:
  explicit WaitingCalls(absl::Duration long_poll) : long_poll_(long_poll) {}

  // `call` may be definite already.
  void Add(std::shared_ptr<WaitingCall> call, absl::Time now, AfterCommit& after);
  // A command of `waiter`'s call has become definite.
  static void Finish(const Waiter& waiter, CommandResult result, AfterCommit& after);
  // Answers the calls whose time has come.
  void Expire(absl::Time now, AfterCommit& after);
  absl::Time NextDue() const;
  // Answers all at once, with what is known.
  void AnswerAll();
  // Forgets all; they answer UNAVAILABLE.
  void Clear();

 private:
  static void Answer(WaitingCall& call, AfterCommit& after);

  const absl::Duration long_poll_;
  std::deque<std::shared_ptr<WaitingCall>> calls_;  // in order of `due`: all wait equally long
};

}  // namespace seatsaga::payment
