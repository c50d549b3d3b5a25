#include "orchestrator/participants/claim.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "api/saga.h"
#include "common/errors.h"
#include "common/log.h"
#include "common/participant/fencing.h"
#include "common/text.h"

namespace seatsaga::participants {
namespace {

participant::Token TokenOf(const saga::v1::PartitionRange& range) {
  return {range.token().epoch(), Id::FromBytes(range.token().holder()).value_or(Id())};
}

std::string PartitionsOf(const saga::v1::PartitionRange& range) {
  return range.first() == range.last() ? Cat("partition ", range.first())
                                       : Cat("partitions ", range.first(), " to ", range.last());
}

}  // namespace

Claim::Claim(const Claimant& claimant, const Clock& clock, Channel& channel,
             std::string participant, Events events)
    : claimant_(claimant),
      clock_(clock),
      channel_(channel),
      participant_(std::move(participant)),
      events_(std::move(events)) {}

void Claim::Ask() {
  state_ = State::kAsking;
  ask_at_ = Mono::InfiniteFuture();
  channel_.Call(saga::kGetFencing, saga::v1::GetFencingRequest(), kAttempt,
                [this, alive = std::weak_ptr(alive_)](auto response) {
                  if (!alive.expired()) OnAsked(std::move(response));
                });
}

void Claim::AskLater() {
  state_ = State::kAsking;
  ask_at_ = clock_.Now() + kAgain;
  events_.wake();
}

// Why these partitions must not be taken.
absl::Status Claim::WhyNot(const saga::v1::PartitionRange& range) const {
  const participant::Token held = TokenOf(range);
  if (claimant_.take_over || held.epoch == 0 || held.holder == claimant_.holder) {
    return absl::OkStatus();
  }
  // A store makes every token durable before the token is used, and each epoch is one process'. So
  // a token that this store has never claimed was claimed by newer data, or by a copy of it. It may
  // have come between two questions, while this process stood still.
  const bool same_store = range.store_id() == claimant_.store.store_id.ToString();
  const bool claimed_here = held.epoch < claimant_.known.epoch || held == claimant_.known;
  if (same_store && !claimed_here) {
    return absl::FailedPreconditionError(
        Cat("the orchestrator's data is outdated: ", participant_, " holds ", PartitionsOf(range),
            " for ", ToString(held), ", taken at opening ", range.store_counter(), " of store ",
            range.store_id(), "; this is opening ", claimant_.store.counter,
            ", and its data knows only ", ToString(claimant_.known),
            "; start on the newest data or, if this data is the newest, start with --take-over "
            "REASON"));
  }
  if (asked_before_ && std::tie(held.epoch, held.holder) > std::tie(token_.epoch, token_.holder)) {
    return absl::FailedPreconditionError(Cat("another orchestrator has taken over: ", participant_,
                                             " holds ", PartitionsOf(range), " for ",
                                             ToString(held), ", and this is ", ToString(token_)));
  }
  return absl::OkStatus();
}

void Claim::OnAsked(absl::StatusOr<saga::v1::GetFencingResponse> response) {
  if (!response.ok()) return AskLater();
  seen_ = 0;
  for (const auto& range : response->ranges()) {
    if (absl::Status why = WhyNot(range); !why.ok()) return events_.stop(std::move(why));
    seen_ = std::max(seen_, TokenOf(range) == token_ ? 0 : range.token().epoch());
  }
  held_.assign(std::make_move_iterator(response->mutable_ranges()->begin()),
               std::make_move_iterator(response->mutable_ranges()->end()));
  asked_before_ = true;
  state_ = State::kAsked;
  events_.asked();
}

void Claim::Take(const participant::Token& token) {
  state_ = State::kTaking;
  token_ = token;
  TakeStep();
}

// Takes the partitions that are furthest behind, as far up as one call may.
void Claim::TakeStep() {
  uint64_t lowest = token_.epoch;
  for (const auto& range : held_) {
    if (TokenOf(range) != token_) lowest = std::min(lowest, range.token().epoch());
  }
  const uint64_t epoch = token_.epoch - lowest > participant::kEpochJumpMax
                             ? lowest + participant::kEpochJumpMax
                             : token_.epoch;
  saga::v1::TakePartitionsRequest request;
  for (const auto& range : held_) {
    if (epoch == token_.epoch || range.token().epoch() < epoch) *request.add_held() = range;
  }
  ToProto(participant::Token{epoch, token_.holder}, *request.mutable_token());
  request.set_store_id(claimant_.store.store_id.ToString());
  request.set_store_counter(claimant_.store.counter);
  channel_.Call(saga::kTakePartitions, request, kAttempt,
                [this, epoch, alive = std::weak_ptr(alive_)](const auto& response) {
                  if (!alive.expired()) OnStep(epoch, response.status());
                });
}

void Claim::OnStep(uint64_t epoch, const absl::Status& status) {
  if (!status.ok()) {
    // The answer may be lost, or another process was faster. The next GetFencing tells which.
    log::Warn("participant_not_taken",
              {{"participant", participant_}, {"reason", ReasonOf(status)}},
              View(status.message()));
    return AskLater();
  }
  for (auto& range : held_) {
    if (range.token().epoch() >= epoch) continue;
    ToProto(participant::Token{epoch, token_.holder}, *range.mutable_token());
  }
  if (epoch < token_.epoch) return TakeStep();
  state_ = State::kTaken;
  log::Info("participant_taken", {{"participant", participant_}, {"token", ToString(token_)}}, "");
  events_.taken();
}

}  // namespace seatsaga::participants
