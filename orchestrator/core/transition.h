#pragma once

#include <string>
#include <string_view>

#include "orchestrator/core/advance.h"

// The inside of `Advance`: the moves that its rules are made of. Included by core/*.cc only.
namespace seatsaga::core {

// What one call of `Advance` was given; outlives nothing but that call.
struct Turn {
  const Definition& definition;
  const State& state;
  const Event& event;
  const Limits& limits;

  const Step& step() const { return definition.steps[static_cast<size_t>(state.step)]; }
};

Decision Ignored(const Turn& turn, std::string_view why);
Decision Rejected(const Turn& turn, std::string why);
Decision NotYet(const Turn& turn, std::string why);

// One transition in the making: starts as a copy of the state, is changed by the moves below, and
// ends in Done().
class Transition {
 public:
  explicit Transition(const Turn& turn);

  // The state in the making.
  State& next() { return decision_.next; }
  Decision Done() && { return std::move(decision_); }

  // --- Where the saga goes ---

  // To the first step from `step` on that has something to do; past the last one it is completed,
  // or undone if that was asked for meanwhile.
  void GoForward(int step);
  // The hold expires then.
  void HoldUntil(absl::Time expiry);
  // Leaves the wait step for which its signal has come.
  void Resume(int wait_step);
  // Goes back to the step that the present one names, to try again, and keeps why.
  void GoBack(std::string_view reason, std::string_view message);
  // Turns round: compensates from `step` on downwards.
  void Undo(int step);

  // --- What becomes of the outstanding call ---

  // Makes the call's next attempt now.
  void Issue(CallKind kind);
  // Makes the call's next attempt when the backoff is over.
  void IssueLater(CallKind kind);
  // The attempt under way ended without our learning what it did. True if that was the last one.
  bool SpendAttempt();

  // --- Why ---

  // Keeps why the saga compensates. The first cause stays: an action that a cancelled saga is then
  // refused does not hide that it was cancelled.
  void Because(std::string_view reason, std::string_view message);
  // Stops until an operator acts.
  void Park(std::string_view reason, std::string message);
  // Goes on, but an operator should look: too many outcomes are unknown.
  void Flag();

 private:
  // Comes to a step on the way forward.
  void Visit(int step, Phase phase);
  void StandAt(int step, Phase phase);

  const Turn& turn_;
  Decision decision_;
};

// Rules, one file each.
Decision Start(const Turn& turn);                   // forward.cc
Decision OnActionAnswered(const Turn& turn);        // forward.cc: the action, or a probe of it
Decision OnSignalled(const Turn& turn);             // forward.cc
Decision OnTimerFired(const Turn& turn);            // forward.cc
Decision OnHoldExtended(const Turn& turn);          // requests.cc
Decision OnCompensationAnswered(const Turn& turn);  // compensation.cc
Decision OnCancelRequested(const Turn& turn);       // requests.cc
Decision OnOperatorRetried(const Turn& turn);       // requests.cc
Decision OnOperatorCompensated(const Turn& turn);   // requests.cc

// Why an attempt was refused or invalid; kUnexplained if the participant did not say.
std::string_view ReasonOf(const Event& event);
// "reason: message" as far as the event has them.
std::string Explanation(const Event& event);

}  // namespace seatsaga::core
