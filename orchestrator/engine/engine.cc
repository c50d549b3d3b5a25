#include "orchestrator/engine/engine.h"

#include <map>
#include <memory>
#include <utility>

#include "common/errors.h"
#include "common/log.h"
#include "common/outcome.h"
#include "common/text.h"
#include "common/time_proto.h"
#include "orchestrator/core/names.h"
#include "orchestrator/engine/saga_view.h"
#include "orchestrator/sagas/reservation_saga.h"
#include "orchestrator/store/record_codec.h"

namespace seatsaga::engine {
namespace {

using orchestrator::v1::SagaState;

// Whole microseconds: what the store keeps, so that a replay sees the very same times.
absl::Time Truncate(absl::Time time) { return absl::FromUnixMicros(absl::ToUnixMicros(time)); }

bool EndsAttempt(const core::Event& event) {
  return event.type == core::EventType::kCallEnded || event.type == core::EventType::kProbeEnded;
}

void LogAttention(const LiveSaga& saga, bool before) {
  const bool now = NeedsAttention(saga.state);
  if (now == before) return;
  const std::string id = saga.row.id.ToString();
  if (now) {
    log::Warn("saga_needs_attention",
              {{"saga_id", id}, {"reservation_id", id}, {"reason", saga.state.parked.reason}},
              NextAction(*saga.definition, saga.state, id));
  } else {
    log::Info("saga_moves_again", {{"saga_id", id}, {"reservation_id", id}}, "");
  }
}

}  // namespace

Engine::Engine(store::SagaStore& store, participants::Participants& participants,
               EngineOptions options)
    : store_(store),
      participants_(participants),
      options_(std::move(options)),
      random_(options_.jitter_seed) {}

absl::Status Engine::Load(absl::Time now, AfterCommit& after) {
  live_.Clear();
  changed_.clear();
  calls_.clear();
  absl::Status status;
  store_.ForEachLive([&](store::SagaRow row) {
    absl::StatusOr<LiveSaga> revived = Revive(std::move(row));
    if (!revived.ok()) {
      status.Update(revived.status());
      return;
    }
    LiveSaga& saga = live_.Add(*std::move(revived));
    live_.Schedule(saga);
    if (const auto command = core::Outstanding(*saga.definition, saga.state, now)) {
      Enqueue(saga, *command);
    }
  });
  if (!status.ok()) return status;
  if (live_.size() > 0) {
    log::Info("sagas_recovered", {{"live", Cat(live_.size())}, {"calls", Cat(calls_.size())}},
              "going on where they stood");
  }
  after.Then([this, calls = std::exchange(calls_, {})]() mutable {
    participants_.Send(std::move(calls));
  });
  return absl::OkStatus();
}

void Engine::Apply(std::vector<Input>& batch, absl::Time now, AfterCommit& after) {
  now_ = Truncate(now);
  ++batches_;
  for (Input& input : batch) {
    std::visit([this](auto& one) { On(one); }, input);
  }
  FireTimers();
  WriteChanges();
  // Calls first: a customer waits for them, and for an answer to the facade's outbox nobody does.
  if (!calls_.empty()) {
    after.Then([this, calls = std::exchange(calls_, {})]() mutable {
      participants_.Send(std::move(calls));
    });
  }
  after.Append(std::move(answers_));
  if (fenced_off_) after.Then([this] { options_.on_fenced_off(); });
}

void Engine::On(StartSagas& input) {
  std::vector<Id> ids;
  for (const NewSaga& saga : input.sagas) {
    if (live_.Find(saga.id) == nullptr) ids.push_back(saga.id);
  }
  const absl::flat_hash_set<Id> finished = store_.Known(ids);
  orchestrator::v1::StartSagasResponse response;
  for (NewSaga& saga : input.sagas) {
    const Id id = saga.id;
    if (live_.Find(id) == nullptr && !finished.contains(id)) {
      if (fenced_off_ || live_.size() >= options_.live_max) continue;
      Start(std::move(saga));
    }
    response.add_saga_ids(id.ToString());
  }
  answers_.Answer<orchestrator::v1::StartSagasResponse>(std::move(input.reply),
                                                        std::move(response));
}

void Engine::Start(NewSaga fresh) {
  LiveSaga saga;
  saga.definition = &sagas::ReservationSaga();
  saga.facts = std::make_shared<const sagas::SagaFacts>(std::move(fresh.facts));
  saga.row.id = fresh.id;
  saga.row.facts = store::EncodeFacts(*saga.facts);
  core::Event event;
  event.type = core::EventType::kStarted;
  Handle(live_.Add(std::move(saga)), std::move(event));
}

void Engine::On(CallsEnded& input) {
  for (const participants::CallResult& result : input.results) OnResult(result);
}

void Engine::OnResult(const participants::CallResult& result) {
  if (result.reason == kStaleFencingToken) {
    // Says nothing about the call: another orchestrator owns the saga now.
    fenced_off_ = true;
    return;
  }
  LiveSaga* saga = live_.Find(result.saga_id);
  if (saga == nullptr) return;  // finished meanwhile: a duplicate answer
  if (result.outcome == core::Outcome::kSucceeded && saga->facts->currency.empty() &&
      !result.currency.empty()) {
    auto priced = std::make_shared<sagas::SagaFacts>(*saga->facts);
    priced->price_minor = result.amount_minor;
    priced->currency = result.currency;
    store::AppendPrice(priced->price_minor, priced->currency, saga->row.facts);
    saga->facts = std::move(priced);
  }
  core::Event event;
  event.type = result.kind == core::CallKind::kProbe ? core::EventType::kProbeEnded
                                                     : core::EventType::kCallEnded;
  event.step = result.step;
  event.direction = result.direction;
  event.attempt = result.attempt;
  event.outcome = result.outcome;
  event.reason = result.reason;
  event.message = result.message;
  if (result.outcome != core::Outcome::kSucceeded) event.jitter = Jitter();
  Handle(*saga, std::move(event));
}

void Engine::On(OperatorRequest& input) {
  LiveSaga* saga = FindOrRevive(input.saga_id);
  if (saga == nullptr) {
    answers_.Answer<orchestrator::v1::Saga>(
        std::move(input.reply),
        MakeError(absl::StatusCode::kNotFound, "SAGA_NOT_FOUND",
                  Cat("there is no saga ", input.saga_id.ToString(), "; see `sagactl list`")));
    return;
  }
  core::Event event;
  event.type = input.kind == OperatorRequest::Kind::kRetry ? core::EventType::kOperatorRetried
                                                           : core::EventType::kOperatorCompensated;
  const core::Decision decision = Handle(*saga, std::move(event));
  if (decision.disposition != core::Disposition::kApplied) {
    answers_.Answer<orchestrator::v1::Saga>(
        std::move(input.reply),
        PreconditionError(core::IsTerminal(saga->state) ? "SAGA_FINISHED" : "NOT_ALLOWED_NOW",
                          input.saga_id.ToString(), decision.detail));
    if (core::IsTerminal(saga->state) && !saga->dirty) live_.Erase(input.saga_id);
    return;
  }
  saga->row.state = store::EncodeState(saga->state);
  answers_.Answer(std::move(input.reply), ToProto(saga->row));
}

void Engine::On(StatsRequest& input) {
  std::map<int, int64_t> counts;
  int64_t attention = 0;
  absl::Time oldest = now_;
  live_.ForEach([&](const LiveSaga& saga) {
    ++counts[saga.row.view];
    attention += saga.row.attention ? 1 : 0;
    oldest = std::min(oldest, saga.row.id.time());
  });
  counts[orchestrator::v1::SAGA_STATE_COMPLETED] = completed_;
  counts[orchestrator::v1::SAGA_STATE_COMPENSATED] = compensated_;
  orchestrator::v1::GetStatsResponse stats;
  for (const auto& [view, count] : counts) {
    auto* state = stats.add_states();
    state->set_state(static_cast<SagaState>(view));
    state->set_count(count);
  }
  stats.set_fencing_token(options_.fencing_token);
  *stats.mutable_start_time() = seatsaga::ToProto(options_.start_time);
  stats.set_transition_count(transitions_);
  stats.set_commit_count(batches_);
  stats.set_attention_count(attention);
  if (live_.size() > 0) *stats.mutable_oldest_live_age() = seatsaga::ToProto(now_ - oldest);
  answers_.Answer<orchestrator::v1::GetStatsResponse>(std::move(input.reply), std::move(stats));
}

core::Decision Engine::Handle(LiveSaga& saga, core::Event event) {
  event.now = now_;
  core::Decision decision = core::Advance(*saga.definition, saga.state, event, options_.limits);
  if (decision.disposition != core::Disposition::kApplied) {
    if (decision.disposition == core::Disposition::kIgnored && log::DebugEnabled()) {
      log::Debug(
          "event_ignored",
          {{"saga_id", saga.row.id.ToString()}, {"event", std::string(core::Name(event.type))}},
          decision.detail);
    }
    return decision;
  }
  const bool attention_before = NeedsAttention(saga.state);
  const absl::Duration duration =
      EndsAttempt(event) ? now_ - saga.state.call.started : absl::ZeroDuration();
  saga.state = decision.next;
  Record(saga, event, duration);
  live_.Schedule(saga);
  for (const core::Command& command : decision.commands) Enqueue(saga, command);
  LogAttention(saga, attention_before);
  return decision;
}

void Engine::Record(LiveSaga& saga, const core::Event& event, absl::Duration duration) {
  ++transitions_;
  saga.row.view = ViewOf(saga.state);
  saga.row.attention = NeedsAttention(saga.state);
  saga.row.live = !core::IsTerminal(saga.state);
  saga.row.updated = now_;
  store::AppendHistory({event, duration, saga.row.view}, saga.row.history);
  if (!std::exchange(saga.dirty, true)) changed_.push_back(&saga);
}

void Engine::Enqueue(const LiveSaga& saga, const core::Command& command) {
  calls_.push_back({
      .saga_id = saga.row.id,
      .command = command,
      .step_name = saga.definition->steps[static_cast<size_t>(command.step)].name,
      .facts = saga.facts,
      .reason = saga.state.reason,
      .message = saga.state.message,
  });
}

void Engine::FireTimers() {
  while (LiveSaga* saga = live_.TakeDue(now_)) {
    core::Event event;
    event.type = core::EventType::kTimerFired;
    Handle(*saga, std::move(event));
  }
}

void Engine::WriteChanges() {
  store::SagaWrites writes;
  for (LiveSaga* saga : changed_) {
    store::SagaRow& row = saga->row;
    if (!row.live && !saga->facts->sealed_payment_token.empty()) {
      row.facts = store::EncodeFinishedFacts(*saga->facts);
    }
    row.state = store::EncodeState(saga->state);
    if (saga->state.sequence - saga->history_first >= kHistoryInRowMax) {
      writes.chunks.push_back({row.id, saga->history_first, std::exchange(row.history, "")});
      saga->history_first = saga->state.sequence + 1;
    }
    if (!saga->stored) {
      writes.inserts.push_back(&row);
    } else {
      (row.live == saga->stored_live ? writes.updates : writes.live_changes).push_back(&row);
    }
  }
  store_.Write(writes);
  for (LiveSaga* saga : changed_) {
    saga->stored = true;
    saga->stored_live = saga->row.live;
    saga->dirty = false;
    if (!saga->row.live) {
      ++(saga->state.phase == core::Phase::kCompleted ? completed_ : compensated_);
      live_.Erase(saga->row.id);
    }
  }
  changed_.clear();
}

// A finished saga comes back into memory, so that the core can say what may be done with it.
LiveSaga* Engine::FindOrRevive(const Id& id) {
  if (LiveSaga* saga = live_.Find(id)) return saga;
  std::optional<store::SagaRow> row = store_.Find(id);
  if (!row.has_value()) return nullptr;
  absl::StatusOr<LiveSaga> revived = Revive(*std::move(row));
  if (!revived.ok()) return nullptr;
  return &live_.Add(*std::move(revived));
}

double Engine::Jitter() { return static_cast<double>(random_() >> 32) * store::kJitterUnit; }

}  // namespace seatsaga::engine
