#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock.h"
#include "common/participant/command.h"
#include "common/store/lane.h"
#include "common/wire/wire.h"
#include "seatsaga/saga/v1/saga.pb.h"

namespace seatsaga::participants {

// The process that wants to command participants.
struct Claimant {
  Id holder;
  store::Identity store;
  // The token that this store claimed last, before this process. A process that is refused claims
  // none, so however often it is started, its data stays as old as it is.
  participant::Token known;
  bool take_over = false;  // an operator says that its data is good, whatever participants know
};

// How one participant comes to be commanded by this process and no other:
//
//   asking ──answer──▶ asked ──Take──▶ taking ──done──▶ taken
//      ▲                                  │               │ it has lost its memory: Lost
//      └──────── held by another ◀────────┴───────────────┘
//
// Asking has no effect on anybody. What it brings to light stops the process before it has taken
// anything: that the participant has been taken for newer data of this store; or, once it has been
// asked before, that another process was faster. One thread.
class Claim {
 public:
  enum class State : uint8_t { kAsking, kAsked, kTaking, kTaken };
  struct Events {
    std::function<void()> asked;
    std::function<void()> taken;
    std::function<void(absl::Status why)> stop;
    // NextDue has come closer.
    std::function<void()> wake;
  };

  // An attempt to ask or to take, and the time between two.
  static constexpr absl::Duration kAttempt = absl::Seconds(1);
  static constexpr absl::Duration kAgain = absl::Milliseconds(250);

  // `participant` is how errors name it: "seat_svc (127.0.0.1:50052)". What is referred to must
  // outlive the claim; calls that are out when it is destroyed end without effect.
  Claim(const Claimant& claimant, const Clock& clock, Channel& channel, std::string participant,
        Events events);

  State state() const { return state_; }
  // While kAsked: the highest epoch that the participant was taken in.
  uint64_t seen() const { return seen_; }
  // While kTaken: what commands carry.
  const participant::Token& token() const { return token_; }

  // Asks at once. At start, and when the participant says that it knows nothing of the token.
  void Ask();
  // Of kAsked. `token.epoch` lies above seen(). A participant allows an epoch to rise by so much at
  // a time only: one that is far behind, because somebody took another participant in a huge epoch,
  // is taken in steps.
  void Take(const participant::Token& token);

  Mono NextDue() const { return ask_at_; }
  void RunDue() {
    if (clock_.Now() >= ask_at_) Ask();
  }

 private:
  void OnAsked(absl::StatusOr<saga::v1::GetFencingResponse> response);
  void TakeStep();
  void OnStep(uint64_t epoch, const absl::Status& status);
  void AskLater();
  absl::Status WhyNot(const saga::v1::PartitionRange& range) const;

  const Claimant& claimant_;
  const Clock& clock_;
  Channel& channel_;
  const std::string participant_;
  const Events events_;

  State state_ = State::kAsking;
  bool asked_before_ = false;
  Mono ask_at_ = Mono::InfiniteFuture();
  std::vector<saga::v1::PartitionRange> held_;
  uint64_t seen_ = 0;
  participant::Token token_;  // what was or is to be taken
  // Answers that come when this is gone go nowhere.
  const std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace seatsaga::participants
