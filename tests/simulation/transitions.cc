#include "tests/simulation/transitions.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <set>
#include <tuple>
#include <utility>

#include "common/text.h"
#include "common/time_proto.h"
#include "orchestrator/core/names.h"
#include "orchestrator/engine/saga_view.h"

namespace seatsaga::simulation {
namespace {

using core::Decision;
using core::Definition;
using core::Event;
using core::EventType;
using core::Limits;
using core::Outcome;
using core::ParkedKind;
using core::State;

// --- Words

bool WasImpossible(const State& before, const Decision& decision) {
  return decision.next.parked.reason == core::kImpossibleEvent &&
         before.parked.reason != core::kImpossibleEvent;
}

std::string NameOfState(const Definition& definition, const State& state) {
  if (!core::IsStarted(state)) return "new";
  std::string name(core::Name(state.phase));
  if (core::IsTerminal(state)) return name;
  Append(name, ".", definition.steps[static_cast<size_t>(state.step)].name);
  if (core::IsBackingOff(state)) name += ".backing_off";
  if (state.parked.kind != ParkedKind::kNot) Append(name, ".", core::Name(state.parked.kind));
  return name;
}

std::string NameOfEvent(const State& before, const Event& event, const Decision& decision) {
  if (WasImpossible(before, decision)) return "impossible_answer";
  std::string name(core::Name(event.type));
  if (core::EndsAttempt(event.type)) Append(name, ".", core::Name(event.outcome));
  return name;
}

// Everything that the words are made of, in one number.
uint32_t KeyOf(const State& before, const Event& event, const Decision& decision) {
  uint32_t key = 0;
  const auto add = [&key](unsigned bits, auto value) {
    key = key << bits | static_cast<uint32_t>(value);
  };
  add(1, core::IsStarted(before));
  add(3, before.phase);
  add(4, before.step);
  add(1, core::IsBackingOff(before));
  add(2, before.parked.kind);
  const bool impossible = WasImpossible(before, decision);
  add(1, impossible);
  add(4, impossible ? EventType::kCallEnded : event.type);
  add(3, impossible || !core::EndsAttempt(event.type) ? Outcome::kUnknown : event.outcome);
  return key;
}

// --- Trying every event in every state

constexpr absl::Time kNow = absl::UnixEpoch();
constexpr absl::Time kDue = absl::FromUnixSeconds(3600);
constexpr absl::Time kLater = absl::FromUnixSeconds(7200);

// Without what no rule looks at, so that there are few states: numbers that only rise, times,
// texts.
State Essence(State state, const Limits& limits) {
  state.sequence = std::min<int64_t>(state.sequence, 1);
  state.call.attempt = std::min(state.call.attempt, 1);
  state.call.unknown_count = std::min(state.call.unknown_count, limits.attempts_max);
  state.call.started = absl::InfinitePast();
  if (state.due != absl::InfiniteFuture()) state.due = kDue;
  state.parked.since = absl::InfinitePast();
  state.parked.message.clear();
  if (!state.reason.empty()) state.reason = "some";
  state.message.clear();
  return state;
}

auto Tied(const State& state) {
  const core::OutstandingCall& call = state.call;
  return std::tuple(state.sequence, state.phase, state.step, state.visits, call.kind,
                    call.under_way, call.attempt, call.unknown_count, call.in_doubt, state.due,
                    state.parked.kind, state.parked.reason, state.cancel_requested, state.reason,
                    state.hold.has_value(), state.hold.has_value() ? state.hold->signalled : 0);
}

// Answers to the attempt that is awaited, and to one that nobody has made.
void AddAnswers(const State& state, std::vector<Event>& events) {
  for (const EventType type : {EventType::kCallEnded, EventType::kProbeEnded}) {
    for (const Outcome outcome : {Outcome::kUnknown, Outcome::kSucceeded, Outcome::kRefused,
                                  Outcome::kNotFound, Outcome::kInvalid}) {
      for (const int attempt : {state.call.attempt, state.call.attempt + 1}) {
        events.push_back({.type = type,
                          .now = kNow,
                          .step = state.step,
                          .direction = state.phase == core::Phase::kCompensating
                                           ? core::Direction::kCompensation
                                           : core::Direction::kAction,
                          .round = core::RoundOf(state, state.step),
                          .attempt = attempt,
                          .outcome = outcome,
                          .reason = "SOME"});
      }
    }
  }
}

std::vector<Event> EventsFor(const Definition& definition, const State& state) {
  std::vector<Event> events{
      {.type = EventType::kStarted, .now = kNow},
      {.type = EventType::kStarted, .now = kNow, .hold_mode = true, .hold_expiry = kDue},
      {.type = EventType::kTimerFired, .now = kDue},
      {.type = EventType::kCancelRequested, .now = kNow},
      {.type = EventType::kOperatorRetried, .now = kNow},
      {.type = EventType::kOperatorCompensated, .now = kNow}};
  events.push_back({.type = EventType::kHoldExtended, .now = kNow, .hold_expiry = kLater});
  if (const int wait = core::IndexOfWait(definition.steps); wait >= 0) {
    const int visits = state.visits[static_cast<size_t>(wait)];
    for (const int round : {visits, visits + 1}) {
      events.push_back({.type = EventType::kSignalled, .now = kNow, .step = wait, .round = round});
    }
  }
  AddAnswers(state, events);
  return events;
}

// --- Histories

EventType TypeOf(orchestrator::v1::HistoryEventType type) {
  switch (type) {
    case orchestrator::v1::HISTORY_EVENT_TYPE_CALL_ENDED:
      return EventType::kCallEnded;
    case orchestrator::v1::HISTORY_EVENT_TYPE_PROBE_ENDED:
      return EventType::kProbeEnded;
    case orchestrator::v1::HISTORY_EVENT_TYPE_TIMER_FIRED:
      return EventType::kTimerFired;
    case orchestrator::v1::HISTORY_EVENT_TYPE_SIGNALLED:
      return EventType::kSignalled;
    case orchestrator::v1::HISTORY_EVENT_TYPE_CANCEL_REQUESTED:
      return EventType::kCancelRequested;
    case orchestrator::v1::HISTORY_EVENT_TYPE_OPERATOR_RETRIED:
      return EventType::kOperatorRetried;
    case orchestrator::v1::HISTORY_EVENT_TYPE_OPERATOR_COMPENSATED:
      return EventType::kOperatorCompensated;
    case orchestrator::v1::HISTORY_EVENT_TYPE_HOLD_EXTENDED:
      return EventType::kHoldExtended;
    default:
      return EventType::kStarted;
  }
}

Outcome OutcomeOf(saga::v1::Outcome outcome) {
  switch (outcome) {
    case saga::v1::OUTCOME_SUCCEEDED:
      return Outcome::kSucceeded;
    case saga::v1::OUTCOME_REFUSED:
      return Outcome::kRefused;
    case saga::v1::OUTCOME_NOT_FOUND:
      return Outcome::kNotFound;
    case saga::v1::OUTCOME_INVALID:
      return Outcome::kInvalid;
    default:
      return Outcome::kUnknown;
  }
}

// What the entry says that happened. A timer's moment depends on chance, which is not shown.
Event EventOf(const orchestrator::v1::HistoryEntry& entry, const Definition& definition,
              const State& before) {
  Event event{.type = TypeOf(entry.type()), .now = FromProto(entry.time())};
  if (event.type == EventType::kTimerFired) event.now = std::max(event.now, before.due);
  if (entry.has_hold_expire_time()) {
    event.hold_expiry = FromProto(entry.hold_expire_time());
    event.hold_mode = event.type == EventType::kStarted;
  }
  if (event.type == EventType::kSignalled) {
    event.step = core::IndexOf(definition.steps, entry.step());
    event.round = entry.round();
  }
  if (!core::EndsAttempt(event.type)) return event;
  event.step = core::IndexOf(definition.steps, entry.step());
  event.direction = entry.direction() == saga::v1::DIRECTION_COMPENSATION
                        ? core::Direction::kCompensation
                        : core::Direction::kAction;
  event.round = entry.round();
  event.attempt = entry.attempt();
  event.outcome = OutcomeOf(entry.outcome());
  event.reason = entry.reason();
  return event;
}

}  // namespace

Transitions::Transitions(const Definition& definition, const Limits& limits)
    : definition_(definition), limits_(limits) {
  std::map<uint32_t, TransitionName> found;
  std::deque<State> ahead{State()};
  std::set<decltype(Tied(State()))> seen{Tied(State())};
  for (; !ahead.empty(); ahead.pop_front()) {
    const State& state = ahead.front();
    for (const Event& event : EventsFor(definition, state)) {
      const Decision decision = core::Advance(definition, state, event, limits);
      if (decision.disposition != core::Disposition::kApplied) continue;
      found.emplace(
          KeyOf(state, event, decision),
          TransitionName{NameOfState(definition, state), NameOfEvent(state, event, decision)});
      State next = Essence(decision.next, limits);
      if (seen.insert(Tied(next)).second) ahead.push_back(std::move(next));
    }
  }
  std::set<TransitionName> names;
  for (const auto& [key, name] : found) names.insert(name);
  names_.assign(names.begin(), names.end());
  for (const auto& [key, name] : found) {
    places_[key] =
        static_cast<size_t>(std::lower_bound(names_.begin(), names_.end(), name) - names_.begin());
  }
}

std::optional<size_t> Transitions::Find(const State& before, const Event& event,
                                        const Decision& decision) const {
  const auto place = places_.find(KeyOf(before, event, decision));
  return place == places_.end() ? std::nullopt : std::optional(place->second);
}

absl::StatusOr<std::vector<size_t>> Transitions::Of(const orchestrator::v1::Saga& saga) const {
  std::vector<size_t> transitions;
  State state;
  for (const orchestrator::v1::HistoryEntry& entry : saga.history()) {
    const auto wrong = [&](std::string_view why) {
      return absl::InternalError(Cat("entry ", entry.sequence(), " of ", saga.saga_id(), ": ", why,
                                     ": ", entry.ShortDebugString()));
    };
    const Event event = EventOf(entry, definition_, state);
    Decision decision = core::Advance(definition_, state, event, limits_);
    if (decision.disposition != core::Disposition::kApplied) return wrong(decision.detail);
    if (engine::ViewOf(decision.next) != entry.state_after()) {
      return wrong(Cat("leads to ", core::Name(decision.next.phase)));
    }
    const auto transition = Find(state, event, decision);
    if (!transition) return wrong("not among the transitions that there are");
    transitions.push_back(*transition);
    state = std::move(decision.next);
  }
  if (engine::ViewOf(state) == saga.state()) return transitions;
  return absl::InternalError(Cat(saga.saga_id(), " is not where its history ends"));
}

}  // namespace seatsaga::simulation
