#include "orchestrator/participants/connection.h"

#include <algorithm>
#include <utility>

#include "common/participant/fencing.h"
#include "common/text.h"
#include "orchestrator/participants/results.h"

namespace seatsaga::participants {
namespace {

// An answer that comes this late is no longer worth asking for.
constexpr absl::Duration kWorthAsking = absl::Milliseconds(5);

}  // namespace

Connection::Connection(ConnectionTraits traits, const Claimant& claimant, const Clock& clock,
                       Wire& wire, Events events)
    : traits_(std::move(traits)),
      clock_(clock),
      events_(std::move(events)),
      channel_(wire.Connect(traits_.target)),
      claim_(claimant, clock, *channel_, Name(),
             {.asked = events_.claim.asked,
              .taken = [this] { OnTaken(); },
              .stop = events_.claim.stop,
              .wake = events_.claim.wake}),
      fresh_(traits_.limits),
      busy_({.rpcs_in_flight_max = 2, .batch_max = traits_.limits.batch_max}) {}

void Connection::Send(std::vector<CallRequest> calls) {
  const Mono now = clock_.Now();
  const bool may_send = claim_.state() == Claim::State::kTaken;
  for (CallRequest& call : calls) {
    call.deadline = now + call.command.deadline;
    if (!may_send) held_back_.emplace(call.deadline, std::move(call));
  }
  if (!may_send) return;
  fresh_.Add(std::move(calls));
  SendWaiting(fresh_);
}

void Connection::OnTaken() {
  std::vector<CallRequest> calls;
  calls.reserve(held_back_.size());
  for (auto& [deadline, call] : held_back_) calls.push_back(std::move(call));
  held_back_.clear();
  Send(std::move(calls));
  events_.claim.taken();
}

Mono Connection::NextDue() const {
  if (held_back_.empty()) return claim_.NextDue();
  return std::min(claim_.NextDue(), held_back_.begin()->first);
}

void Connection::RunDue() {
  claim_.RunDue();
  std::vector<CallResult> results;
  const Mono now = clock_.Now();
  while (!held_back_.empty() && held_back_.begin()->first <= now) {
    results.push_back(NotSentResult(held_back_.begin()->second, Name()));
    held_back_.erase(held_back_.begin());
  }
  if (!results.empty()) events_.results(std::move(results), traits_.urgent);
}

void Connection::SendWaiting(CallQueue& queue) {
  for (auto batch = queue.Take(); !batch.empty(); batch = queue.Take()) {
    SendOne(queue, std::move(batch));
  }
}

void Connection::SendOne(CallQueue& queue, Batch batch) {
  Mono deadline = Mono::InfiniteFuture();
  for (const CallRequest& call : batch) deadline = std::min(deadline, call.deadline);
  const absl::Duration remaining = std::max(deadline - clock_.Now(), kWorthAsking);
  Call(*channel_, std::move(batch), claim_.token(), remaining,
       [this, &queue, alive = std::weak_ptr(alive_)](Batch ended, absl::StatusOr<Answers> answers) {
         if (!alive.expired()) OnEnded(queue, std::move(ended), std::move(answers));
       });
}

void Connection::OnEnded(CallQueue& queue, Batch batch, absl::StatusOr<Answers> answers) {
  queue.Ended();
  std::vector<CallResult> results;
  std::vector<CallRequest> again;
  results.reserve(batch.size());
  const bool complete = answers.ok() && answers->size() == static_cast<int>(batch.size());
  const absl::Status error =
      answers.ok() ? absl::InternalError("not one result per command") : answers.status();
  for (size_t i = 0; i < batch.size(); ++i) {
    if (complete) {
      OnAnswer(batch[i], (*answers)[static_cast<int>(i)], results, again);
    } else {
      results.push_back(UnknownResult(batch[i], error));
    }
  }
  if (!results.empty()) events_.results(std::move(results), traits_.urgent);
  if (!again.empty()) busy_.Add(std::move(again));
  if (events_.stopped || claim_.state() != Claim::State::kTaken) return;
  SendWaiting(busy_);
  SendWaiting(fresh_);
}

void Connection::OnAnswer(CallRequest& call, saga::v1::CommandResult& answer,
                          std::vector<CallResult>& results, std::vector<CallRequest>& again) {
  const bool refused = answer.outcome() == saga::v1::OUTCOME_REFUSED;
  // These say nothing about the call.
  if (refused && answer.reason() == participant::kStaleFencingToken) {
    return events_.claim.stop(absl::FailedPreconditionError(Cat(Name(), ": ", answer.message())));
  }
  if (refused && answer.reason() == participant::kFencingTokenNotTaken) {
    if (claim_.state() == Claim::State::kTaken) claim_.Ask();
    held_back_.emplace(call.deadline, std::move(call));
    return events_.claim.wake();
  }
  if (answer.outcome() == saga::v1::OUTCOME_IN_PROGRESS &&
      call.deadline - clock_.Now() > kWorthAsking) {
    again.push_back(std::move(call));
    return;
  }
  results.push_back(ResultOf(call, answer));
}

}  // namespace seatsaga::participants
