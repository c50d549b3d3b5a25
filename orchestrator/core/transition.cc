#include "orchestrator/core/transition.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "common/backoff.h"
#include "common/text.h"

namespace seatsaga::core {
namespace {

Command CommandFor(const Definition& definition, const State& state) {
  const Step& step = definition.steps[static_cast<size_t>(state.step)];
  Command command{.kind = state.call.kind,
                  .step = state.step,
                  .round = RoundOf(state, state.step),
                  .attempt = state.call.attempt,
                  .deadline = absl::FromChrono(step.attempt_deadline)};
  switch (state.call.kind) {
    case CallKind::kAction:
      command.call = step.action;
      break;
    case CallKind::kProbe:
      command.call = step.probe;
      break;
    case CallKind::kCompensation:
      command.call = step.compensation;
      command.direction = Direction::kCompensation;
      break;
    case CallKind::kNone:
      break;
  }
  return command;
}

}  // namespace

Decision Ignored(const Turn& turn, std::string_view why) {
  return {.disposition = Disposition::kIgnored, .detail = std::string(why), .next = turn.state};
}

Decision Rejected(const Turn& turn, std::string why) {
  return {.disposition = Disposition::kRejected, .detail = std::move(why), .next = turn.state};
}

Decision NotYet(const Turn& turn, std::string why) {
  return {.disposition = Disposition::kNotYet, .detail = std::move(why), .next = turn.state};
}

std::string_view ReasonOf(const Event& event) {
  return event.reason.empty() ? kUnexplained : std::string_view(event.reason);
}

std::string Explanation(const Event& event) {
  return Cat(event.reason, event.reason.empty() || event.message.empty() ? "" : ": ",
             event.message);
}

std::optional<Command> Outstanding(const Definition& definition, const State& state) {
  if (!state.call.under_way) return std::nullopt;
  return CommandFor(definition, state);
}

Transition::Transition(const Turn& turn)
    : turn_(turn), decision_{.disposition = Disposition::kApplied, .next = turn.state} {
  ++next().sequence;
}

void Transition::GoForward(int step) {
  const auto& steps = turn_.definition.steps;
  const int end = static_cast<int>(steps.size());
  for (; step < end; ++step) {
    const Step& candidate = steps[static_cast<size_t>(step)];
    const bool waits = candidate.kind == StepKind::kWait;
    if ((waits || candidate.only_holds) && !next().hold.has_value()) continue;
    if (waits) {
      Visit(step, Phase::kWaiting);
      Hold& hold = *next().hold;
      hold.expiry = std::min(hold.expiry, turn_.event.now + hold.length);
      next().due = hold.expiry;
      if (hold.signalled == RoundOf(next(), step)) Resume(step);
      return;
    }
    if (!candidate.action.IsNone()) {
      Visit(step, Phase::kRunning);
      Issue(CallKind::kAction);
      return;
    }
  }
  if (next().cancel_requested) {
    Undo(end - 1);
  } else {
    StandAt(end - 1, Phase::kCompleted);
  }
}

void Transition::HoldUntil(absl::Time expiry) {
  if (!next().hold.has_value()) next().hold.emplace();
  next().hold->expiry = expiry;
  next().hold->length = std::max(expiry - turn_.event.now, absl::ZeroDuration());
}

void Transition::Resume(int wait_step) {
  const Step& wait = turn_.definition.steps[static_cast<size_t>(wait_step)];
  const absl::Time at_least = turn_.event.now + absl::FromChrono(wait.then_lasts);
  if (next().hold->expiry < at_least) HoldUntil(at_least);
  next().hold->setback_reason.clear();
  next().hold->setback_message.clear();
  GoForward(wait_step + 1);
}

void Transition::GoBack(std::string_view reason, std::string_view message) {
  next().hold->setback_reason = reason;
  next().hold->setback_message = message;
  GoForward(IndexOf(turn_.definition.steps, turn_.step().goes_back_to));
}

void Transition::Undo(int step) {
  for (; step >= 0; --step) {
    if (!turn_.definition.steps[static_cast<size_t>(step)].compensation.IsNone()) {
      StandAt(step, Phase::kCompensating);
      Issue(CallKind::kCompensation);
      return;
    }
  }
  StandAt(0, Phase::kCompensated);
}

void Transition::Visit(int step, Phase phase) {
  StandAt(step, phase);
  uint8_t& visits = next().visits[static_cast<size_t>(step)];
  if (visits < std::numeric_limits<uint8_t>::max()) ++visits;
}

void Transition::StandAt(int step, Phase phase) {
  next().step = step;
  next().phase = phase;
  next().call = {};
  next().parked = {};
  next().due = absl::InfiniteFuture();
}

void Transition::Issue(CallKind kind) {
  OutstandingCall& call = next().call;
  call.kind = kind;
  call.under_way = true;
  call.started = turn_.event.now;
  ++call.attempt;
  next().due = absl::InfiniteFuture();
  decision_.commands.push_back(CommandFor(turn_.definition, next()));
}

void Transition::IssueLater(CallKind kind) {
  next().call.kind = kind;
  next().call.under_way = false;
  next().due = turn_.event.now +
               Backoff(next().call.unknown_count, turn_.event.jitter, turn_.limits.backoff);
}

bool Transition::SpendAttempt() {
  OutstandingCall& call = next().call;
  call.under_way = false;
  call.in_doubt = true;
  const int own_max = turn_.step().attempts_max;
  return ++call.unknown_count >= (own_max > 0 ? own_max : turn_.limits.attempts_max);
}

void Transition::Because(std::string_view reason, std::string_view message) {
  if (!next().reason.empty()) return;
  next().reason = reason;
  next().message = message;
}

void Transition::Park(std::string_view reason, std::string message) {
  OutstandingCall& call = next().call;
  call.in_doubt |= call.under_way;
  call.under_way = false;
  next().due = absl::InfiniteFuture();
  Parked& parked = next().parked;
  if (parked.kind == ParkedKind::kNot) parked.since = turn_.event.now;
  parked.kind = ParkedKind::kParked;
  parked.reason = reason;
  parked.message = std::move(message);
}

void Transition::Flag() {
  Parked& parked = next().parked;
  if (parked.kind == ParkedKind::kNot) parked.since = turn_.event.now;
  parked.kind = ParkedKind::kFlagged;
  parked.reason = kOutcomeUnknown;
  parked.message = Cat(
      turn_.step().name, ": ", next().call.unknown_count,
      " attempts ended with an unknown outcome; still retried. Last: ", Explanation(turn_.event));
}

}  // namespace seatsaga::core
