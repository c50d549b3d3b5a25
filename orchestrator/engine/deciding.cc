#include "orchestrator/engine/deciding.h"

#include <algorithm>
#include <utility>

#include "common/errors.h"
#include "common/participant/outcome.h"
#include "common/text.h"
#include "common/time_proto.h"
#include "orchestrator/core/domain_events.h"
#include "orchestrator/core/names.h"
#include "orchestrator/engine/saga_view.h"
#include "orchestrator/engine/stats.h"
#include "orchestrator/store/record_codec.h"

namespace seatsaga::engine {
namespace {

using participants::CallResult;

// Thousands of holds may expire at once, and to undo one costs more than half as much as to make a
// reservation. So 2,200 are undone in a second, and the others wait; that leaves most of a small
// machine to those who buy.
constexpr int kExpiriesAtOnce = 110;
constexpr absl::Duration kExpiriesPause = absl::Milliseconds(50);

void Encode(LiveSaga& saga) {
  saga.row.data = std::make_shared<const std::string>(saga.data->SerializeAsString());
  saga.data_changed = true;
}

// What is appended to an encoded message is merged into it when it is decoded.
void Add(const sagas::SagaData& more, LiveSaga& saga) {
  auto data = std::make_shared<sagas::SagaData>(*saga.data);
  data->MergeFrom(more);
  saga.data = std::move(data);
  auto bytes = std::make_shared<std::string>(*saga.row.data);
  more.AppendToString(bytes.get());
  saga.row.data = std::move(bytes);
  saga.data_changed = true;
}

void Learn(LiveSaga& saga, core::CallId action, const saga::v1::ActionResult& result) {
  const auto learnt = saga.type->learn(*saga.data, action, result);
  if (learnt.has_value()) Add(*learnt, saga);
}

core::Event EventOf(const Signal& signal, const core::Definition& definition, absl::Time now) {
  core::Event event{.type = signal.type};
  if (signal.type == core::EventType::kSignalled) {
    event.step = core::IndexOf(definition.steps, signal.step);
    event.round = signal.round;
  } else if (signal.type == core::EventType::kHoldExtended) {
    event.hold_expiry = now + signal.hold_duration;
  }
  return event;
}

core::Event EventOf(const CallResult& result) {
  core::Event event;
  event.type = result.kind == core::CallKind::kProbe ? core::EventType::kProbeEnded
                                                     : core::EventType::kCallEnded;
  event.step = result.step;
  event.direction = result.direction;
  event.round = result.round;
  event.attempt = result.attempt;
  event.outcome = result.outcome;
  event.reason = result.reason;
  event.message = result.message;
  return event;
}

}  // namespace

Deciding::Deciding(const sagas::Registry& registry, const EngineOptions& options,
                   const EngineMemory& memory, store::Rows& rows, const Tick& tick,
                   Plan<EngineIo>& plan)
    : registry_(registry),
      options_(options),
      memory_(memory),
      rows_(rows),
      tick_(tick),
      plan_(plan),
      change_(plan.memory),
      events_(memory.events, plan.memory.events),
      random_(tick.random),
      commanding_(memory.commanding) {
  change_.batches = 1;
}

bool Deciding::RefusedUnlessCommanding(size_t input) {
  if (commanding_) return false;
  plan_.Reply(input, UnavailableError(
                         "this orchestrator commands no participant; repeat the same request"));
  return true;
}

void Deciding::On(size_t input, const StartSagas& start) {
  if (RefusedUnlessCommanding(input)) return;
  orchestrator::v1::StartSagasResponse response;
  drafts_.reserve(drafts_.size() + start.sagas.size());
  for (const NewSaga& saga : start.sagas) {
    if (Find(saga.id) == nullptr && rows_.Find(store::kSagas, saga.id) == nullptr) {
      if (memory_.live.size() + started_ >= options_.live_max || MustWait(saga) || !Start(saga)) {
        continue;
      }
    }
    response.add_saga_ids(saga.id.ToString());
  }
  plan_.Reply(input, std::move(response));
}

bool Deciding::MustWait(const NewSaga& fresh) const {
  if (fresh.type->follows == nullptr) return false;
  const LiveSaga* before = Find(fresh.type->follows(*fresh.data));
  return before != nullptr && !core::IsTerminal(before->state);
}

bool Deciding::Start(const NewSaga& fresh) {
  auto saga = std::make_unique<LiveSaga>();
  saga->type = fresh.type;
  saga->definition = registry_.ForNew(*fresh.type, *fresh.data);
  if (saga->definition == nullptr) return false;
  ++started_;
  saga->data = fresh.data;
  saga->row.id = fresh.id;
  Encode(*saga);
  core::Event event{.type = core::EventType::kStarted};
  if (const auto hold = fresh.type->holds_for(*fresh.data)) {
    event.hold_mode = true;
    event.hold_expiry = tick_.wall + *hold;
  }
  Handle(AddDraft(std::move(saga)), std::move(event));
  return true;
}

void Deciding::On(size_t input, const SubmitSignals& submitted) {
  if (RefusedUnlessCommanding(input)) return;
  orchestrator::v1::SubmitSignalsResponse response;
  for (const Signal& signal : submitted.signals) *response.add_results() = Take(signal);
  plan_.Reply(input, std::move(response));
}

saga::v1::CommandResult Deciding::Take(const Signal& signal) {
  absl::StatusOr<LiveSaga> finished;
  const auto saga = FindAny(signal.saga_id, finished);
  if (!saga.ok()) {
    return WithReason(saga::v1::OUTCOME_UNKNOWN, ReasonOf(saga.status()),
                      View(saga.status().message()));
  }
  const bool adds = signal.adds.of_case() != sagas::SagaData::OF_NOT_SET;
  if (adds && signal.adds.of_case() != (*saga)->type->arm) {
    return Invalid("INVALID_REQUEST", "data: is of another kind of saga than this one");
  }
  const core::Decision decision = Handle(**saga, EventOf(signal, *(*saga)->definition, tick_.wall),
                                         {.adds = adds ? &signal.adds : nullptr});
  switch (decision.disposition) {
    case core::Disposition::kApplied:
    case core::Disposition::kIgnored: {
      saga::v1::CommandResult taken = Succeeded();
      if (signal.type == core::EventType::kHoldExtended) {
        *taken.mutable_result()->mutable_expire_time() =
            seatsaga::ToProto(decision.next.hold->expiry);
      }
      return taken;
    }
    case core::Disposition::kNotYet:
      return WithReason(saga::v1::OUTCOME_UNKNOWN, "NOT_YET", decision.detail);
    case core::Disposition::kRejected:
      break;
  }
  return Refused("TOO_LATE", decision.detail);
}

void Deciding::On(size_t /*input*/, const CallsEnded& ended) {
  drafts_.reserve(drafts_.size() + ended.results.size());
  for (const CallResult& result : ended.results) OnResult(result);
}

void Deciding::OnResult(const CallResult& result) {
  const LiveSaga* saga = Find(result.saga_id);
  if (saga == nullptr) return;  // finished meanwhile: a duplicate answer
  core::Event event = EventOf(result);
  if (result.outcome != core::Outcome::kSucceeded) event.jitter = random_.NextShare();
  Handle(*saga, std::move(event), {.result = result.result.get()});
}

void Deciding::On(size_t input, const OperatorRequest& request) {
  if (RefusedUnlessCommanding(input)) return;
  absl::StatusOr<LiveSaga> finished;
  const auto found = FindAny(request.saga_id, finished);
  if (!found.ok()) return plan_.Reply(input, found.status());
  const LiveSaga* saga = *found;
  const bool was_terminal = core::IsTerminal(saga->state);
  core::Event event;
  event.type = request.kind == OperatorRequest::Kind::kRetry
                   ? core::EventType::kOperatorRetried
                   : core::EventType::kOperatorCompensated;
  const core::Decision decision = Handle(*saga, std::move(event));
  if (decision.disposition == core::Disposition::kApplied) {
    const LiveSaga& now = *Find(request.saga_id);
    return plan_.Reply(input, ToProto(now, now.row));
  }
  plan_.Reply(input, PreconditionError(was_terminal ? "SAGA_FINISHED" : "NOT_ALLOWED_NOW",
                                       request.saga_id.ToString(), decision.detail));
}

void Deciding::On(size_t input, const StatsRequest& /*request*/) {
  plan_.Reply(input, StatsOf(memory_, options_, tick_.wall));
}

void Deciding::On(size_t input, const ClaimEpoch& claim) {
  change_.epoch = std::max(epoch(), claim.above) + 1;
  for (int32_t i = 0; i < store::kPartitions; ++i) {
    const store::PartitionRow row{i, *change_.epoch, options_.holder};
    if (const auto* found = rows_.Find(store::kOwners, i)) {
      rows_.Update(store::kOwners, *found) = row;
    } else {
      rows_.Insert(store::kOwners, row);
    }
  }
  if (!options_.take_over.empty() && !memory_.took_over) RecordTakeover();
  plan_.log.push_back(
      {.event = "epoch_raised",
       .fields = {{"epoch", Cat(*change_.epoch)}, {"holder", options_.holder.ToString()}},
       .message = ""});
  plan_.Reply(input, Epoch{*change_.epoch});
}

void Deciding::RecordTakeover() {
  if (rows_.Find(store::kTakeovers, tick_.wall) != nullptr) return;  // of this very batch
  rows_.Insert(store::kTakeovers, {tick_.wall, options_.take_over});
  plan_.log.push_back({.level = log::Level::kWarn,
                       .event = "taking_over",
                       .fields = {{"reason", options_.take_over}},
                       .message = "an operator decided that this store is used, even if "
                                  "participants know of a newer one"});
}

void Deciding::On(size_t /*input*/, const Commanding& commanding) {
  commanding_ = commanding.now;
  change_.commanding = commanding.now;
}

void Deciding::On(size_t input, const WatchEvents& watch) {
  events_.SetWatched(watch.watched);
  plan_.Reply(input, Stored());
}

core::Decision Deciding::Handle(const LiveSaga& saga, core::Event event, const ComesWith& with) {
  event.now = tick_.wall;
  // The wall clock may have stepped back since the timer was set.
  if (event.type == core::EventType::kTimerFired) event.now = std::max(event.now, saga.state.due);
  core::Decision decision = core::Advance(*saga.definition, saga.state, event, options_.limits);
  if (decision.disposition != core::Disposition::kApplied) {
    if (decision.disposition == core::Disposition::kIgnored && log::DebugEnabled()) {
      plan_.log.push_back({.level = log::Level::kDebug,
                           .event = "event_ignored",
                           .fields = {{"saga_id", saga.row.id.ToString()},
                                      {"event", std::string(core::Name(event.type))}},
                           .message = decision.detail});
    }
    return decision;
  }
  const bool attention_before = NeedsAttention(saga.state);
  const absl::Duration duration =
      core::EndsAttempt(event.type)
          ? std::max(event.now - saga.state.call.started, absl::ZeroDuration())
          : absl::ZeroDuration();
  const bool succeeded =
      core::EndsAttempt(event.type) && event.outcome == core::Outcome::kSucceeded;
  const saga::v1::ActionResult* result = succeeded ? with.result : nullptr;
  const store::ToldEvents told = events_.Tell(
      saga.row.id,
      core::DomainEventsOf(*saga.definition, saga.state, event, decision.next, result != nullptr),
      decision.next);
  // A wait that goes on takes no longer because the wall clock has stepped back meanwhile: neither
  // now, nor after a load, which counts it from `updated`.
  const bool waits_on = decision.next.due == saga.state.due;
  const absl::Time updated = waits_on ? std::max(saga.row.updated, tick_.wall) : tick_.wall;
  LiveSaga& draft = Draft(saga);
  draft.state = std::move(decision.next);
  draft.row.updated = updated;
  if (!waits_on) draft.due = ToMono(draft.state.due, tick_);
  if (with.adds != nullptr) Add(*with.adds, draft);
  if (result != nullptr && event.direction == core::Direction::kAction) {
    Learn(draft, draft.definition->steps[static_cast<size_t>(event.step)].action, *result);
  }
  Record(draft, event, duration, result, told);
  for (const core::Command& command : decision.commands) {
    plan_.sends.push_back(RequestOf(draft, command));
  }
  LogAttention(draft, attention_before);
  return decision;
}

void Deciding::Record(LiveSaga& saga, const core::Event& event, absl::Duration duration,
                      const saga::v1::ActionResult* result, const store::ToldEvents& told) {
  ++change_.transitions;
  saga.row.view = ViewOf(saga.state);
  saga.row.attention = NeedsAttention(saga.state);
  saga.row.live = !core::IsTerminal(saga.state);
  store::AppendHistory(event, duration, saga.row.view, result, told, saga.row.history);
}

void Deciding::LogAttention(const LiveSaga& saga, bool before) {
  const bool now = NeedsAttention(saga.state);
  if (now == before) return;
  const std::string id = saga.row.id.ToString();
  std::vector<log::Field> fields{{"saga_id", id}, {"reservation_id", id}};
  if (!now) return plan_.log.push_back({.event = "saga_moves_again", .fields = std::move(fields)});
  fields.push_back({"reason", saga.state.parked.reason});
  plan_.log.push_back({.level = log::Level::kWarn,
                       .event = "saga_needs_attention",
                       .fields = std::move(fields),
                       .message = NextAction(*saga.definition, saga.state, id)});
}

void Deciding::FireTimers() {
  memory_.due.ForEachDue(tick_.now, [this](Mono due, const Id& id) {
    Fire(due, id);
    return true;
  });
  if (tick_.now < memory_.expiries_from) return;
  int left = kExpiriesAtOnce;
  memory_.expiries.ForEachDue(tick_.now, [this, &left](Mono due, const Id& id) {
    Fire(due, id);
    return --left > 0;
  });
  if (left == 0) change_.expiries_from = tick_.now + kExpiriesPause;
}

void Deciding::Fire(Mono due, const Id& id) {
  const LiveSaga* saga = Find(id);
  // Not if the batch has moved it on meanwhile.
  if (saga != nullptr && saga->due == due) Handle(*saga, {.type = core::EventType::kTimerFired});
}

const LiveSaga* Deciding::Find(const Id& id) const {
  if (const auto draft = drafts_.find(id); draft != drafts_.end()) return draft->second;
  const auto live = memory_.live.find(id);
  return live == memory_.live.end() ? nullptr : live->second.get();
}

absl::StatusOr<const LiveSaga*> Deciding::FindAny(const Id& id,
                                                  absl::StatusOr<LiveSaga>& finished) const {
  if (const LiveSaga* live = Find(id)) return live;
  const store::SagaRow* row = rows_.Find(store::kSagas, id);
  if (row == nullptr) return NoSuchSaga(id);
  finished = Revive(registry_, *row);
  if (finished.ok()) return &*finished;
  return PreconditionError(kUnreadable, id.ToString(), View(finished.status().message()));
}

LiveSaga& Deciding::Draft(const LiveSaga& saga) {
  const auto known = drafts_.find(saga.row.id);
  return known == drafts_.end() ? AddDraft(std::make_unique<LiveSaga>(saga)) : *known->second;
}

LiveSaga& Deciding::AddDraft(std::unique_ptr<LiveSaga> saga) {
  LiveSaga& draft = *saga;
  drafts_.emplace(draft.row.id, &draft);
  change_.sagas.push_back(std::move(saga));
  return draft;
}

void Deciding::Finish() {
  auto& sagas = change_.sagas;
  const auto by_id = [](const auto& a, const auto& b) { return a->row.id < b->row.id; };
  // The order in which rows are best written. Calls of one participant mostly end as they were
  // made, so that a few sorted runs are to be merged.
  for (auto run = sagas.begin(); run != sagas.end();) {
    const auto end = std::is_sorted_until(run, sagas.end(), by_id);
    std::inplace_merge(sagas.begin(), run, end, by_id);
    run = end;
  }
  for (const auto& saga : sagas) Write(*saga);
  events_.Finish(epoch(), tick_.wall, options_.events_kept, rows_);
}

void Deciding::Write(LiveSaga& saga) {
  store::SagaRow& row = saga.row;
  if (!row.live) {
    Forget(saga);
    events_.Forget(row.id);
  }
  row.state = store::EncodeState(saga.state);
  if (saga.state.sequence - saga.history_first >= Engine::kHistoryInRowMax) {
    rows_.Insert(store::kHistory, {row.id, saga.history_first, std::exchange(row.history, "")});
    events_.MustStore();  // because after a crash they are looked for only in the row
    saga.history_first = saga.state.sequence + 1;
  }
  if (std::exchange(saga.is_new, false)) {
    rows_.InsertBorrowed(store::kSagas, row);
  } else {
    store::ColumnMask columns = store::kChanging;
    if (saga.data_changed) columns |= store::kSagas.Mask<&store::SagaRow::data>();
    // Writing this column rewrites the index of live sagas.
    if (row.live != saga.stored_live) columns |= store::kSagas.Mask<&store::SagaRow::live>();
    rows_.UpdateBorrowed(store::kSagas, row, columns);
  }
  saga.data_changed = false;
  saga.stored_live = row.live;
}

void Deciding::Forget(LiveSaga& saga) {
  ++(saga.state.phase == core::Phase::kCompleted ? change_.completed : change_.compensated);
  auto data = std::make_shared<sagas::SagaData>(*saga.data);
  saga.type->forget(*data);
  saga.data = std::move(data);
  Encode(saga);
}

}  // namespace seatsaga::engine
