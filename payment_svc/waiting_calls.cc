#include "payment_svc/waiting_calls.h"

#include <utility>

namespace seatsaga::payment {

void WaitingCalls::Answer(WaitingCall& call, AfterCommit& after) {
  after.Answer(std::move(call.reply), absl::StatusOr<CommandResults>(std::move(call.results)));
}

void WaitingCalls::Add(std::shared_ptr<WaitingCall> call, absl::Time now, AfterCommit& after) {
  if (call->undone == 0) {
    Answer(*call, after);
    return;
  }
  call->due = now + long_poll_;
  calls_.push_back(std::move(call));
}

void WaitingCalls::Finish(const Waiter& waiter, CommandResult result, AfterCommit& after) {
  WaitingCall& call = *waiter.call;
  if (call.answered()) return;
  call.results[waiter.index] = std::move(result);
  if (--call.undone == 0) Answer(call, after);
}

void WaitingCalls::Expire(absl::Time now, AfterCommit& after) {
  while (!calls_.empty() && (calls_.front()->answered() || calls_.front()->due <= now)) {
    if (!calls_.front()->answered()) Answer(*calls_.front(), after);
    calls_.pop_front();
  }
}

absl::Time WaitingCalls::NextDue() const {
  return calls_.empty() ? absl::InfiniteFuture() : calls_.front()->due;
}

void WaitingCalls::AnswerAll() {
  for (const auto& call : calls_) call->reply.Send(std::move(call->results));
  calls_.clear();
}

void WaitingCalls::Clear() { calls_.clear(); }

}  // namespace seatsaga::payment
