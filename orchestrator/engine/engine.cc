#include "orchestrator/engine/engine.h"

#include <algorithm>
#include <utility>

#include "common/text.h"
#include "orchestrator/engine/deciding.h"
#include "orchestrator/store/saga_reader.h"

namespace seatsaga::engine {
namespace {

void LogUnreadable(const Id& id, const absl::Status& why, Plan<EngineIo>& plan) {
  const std::string text = id.ToString();
  plan.log.push_back({.level = log::Level::kError,
                      .event = "saga_left_alone",
                      .fields = {{"saga_id", text}, {"reservation_id", text}},
                      .message = std::string(View(why.message()))});
}

// If the wall clock has stepped back since the wait was decided, the wait still takes no longer
// than it was to take.
Mono DueAfterLoad(const LiveSaga& saga, const Tick& tick) {
  return ToMono(saga.state.due, {.wall = std::max(tick.wall, saga.row.updated), .now = tick.now});
}

}  // namespace

participants::CallRequest RequestOf(const LiveSaga& saga, const core::Command& command) {
  return {
      .saga_id = saga.row.id,
      .command = command,
      .step_name = saga.definition->steps[static_cast<size_t>(command.step)].name,
      .data = saga.data,
      .reason = saga.state.reason,
      .message = saga.state.message,
      .hold = saga.state.hold,
  };
}

Engine::Engine(const sagas::Registry& registry, EngineOptions options)
    : registry_(registry), options_(std::move(options)) {
  fence_.holder = options_.holder;
}

void Engine::Want(std::span<const In> inputs, int round, store::Rows& rows) const {
  if (round > 0) return;
  EventWriting::Want(memory_.events, rows);
  for (const In& input : inputs) {
    if (const auto* start = std::get_if<StartSagas>(&input)) {
      for (const NewSaga& saga : start->sagas) {
        if (!memory_.live.contains(saga.id)) rows.Want(store::kSagas, saga.id);
      }
    } else if (const auto* submitted = std::get_if<SubmitSignals>(&input)) {
      for (const Signal& signal : submitted->signals) {
        if (!memory_.live.contains(signal.saga_id)) rows.Want(store::kSagas, signal.saga_id);
      }
    } else if (const auto* request = std::get_if<OperatorRequest>(&input)) {
      if (!memory_.live.contains(request->saga_id)) rows.Want(store::kSagas, request->saga_id);
    } else if (std::holds_alternative<ClaimEpoch>(input)) {
      for (int32_t i = 0; i < store::kPartitions; ++i) rows.Want(store::kOwners, i);
    }
  }
}

void Engine::Decide(std::span<const In> inputs, store::Rows& rows, const Tick& tick,
                    Plan<EngineIo>& plan) const {
  Deciding deciding(registry_, options_, memory_, rows, tick, plan);
  for (size_t i = 0; i < inputs.size(); ++i) {
    std::visit([&](const auto& input) { deciding.On(i, input); }, inputs[i]);
  }
  deciding.FireTimers();
  deciding.Finish();
}

void Engine::Put(std::unique_ptr<LiveSaga> saga) {
  auto& slot = memory_.live[saga->row.id];
  if (slot != nullptr) TimersOf(*slot).Remove(slot->due, saga->row.id);
  TimersOf(*saga).Add(saga->due, saga->row.id);
  slot = std::move(saga);
}

void Engine::Remember(Change&& change) {
  finished_.clear();
  for (auto& saga : change.sagas) {
    if (saga->row.live) {
      Put(std::move(saga));
      continue;
    }
    if (const auto slot = memory_.live.find(saga->row.id); slot != memory_.live.end()) {
      TimersOf(*slot->second).Remove(slot->second->due, saga->row.id);
      memory_.live.erase(slot);
    }
    finished_.push_back(std::move(saga));
  }
  engine::Remember(std::move(change.events), memory_.events);
  memory_.batches += change.batches;
  memory_.transitions += change.transitions;
  memory_.completed += change.completed;
  memory_.compensated += change.compensated;
  if (change.commanding.has_value()) memory_.commanding = *change.commanding;
  if (change.expiries_from.has_value()) memory_.expiries_from = *change.expiries_from;
  if (change.epoch.has_value()) {
    memory_.epoch = *change.epoch;
    memory_.took_over = true;
    fence_.epochs.fill(*change.epoch);
  }
}

absl::Status Engine::Load(store::Snapshot& snapshot, const Tick& tick, Plan<EngineIo>& plan) {
  memory_.live.clear();
  memory_.due.Clear();
  memory_.expiries.Clear();
  memory_.expiries_from = Mono::InfinitePast();
  memory_.epoch = store::LastClaimed(snapshot).epoch;
  memory_.unreadable = 0;
  memory_.took_over = false;
  finished_.clear();
  EventsLoading events(memory_.events);
  if (absl::Status read = events.ReadRows(snapshot); !read.ok()) return read;
  const store::Scan live{.table = &store::kSagas.info(), .index = store::kLiveSagas};
  snapshot.Visit(live, [&](const store::RowView& view) {
    store::SagaRow row = store::kSagas.Load(view);
    const Id id = row.id;
    events.Take(row);
    absl::StatusOr<LiveSaga> revived = Revive(registry_, std::move(row));
    if (!revived.ok()) {
      ++memory_.unreadable;
      LogUnreadable(id, revived.status(), plan);
      return true;
    }
    auto saga = std::make_unique<LiveSaga>(*std::move(revived));
    saga->due = DueAfterLoad(*saga, tick);
    if (const auto command = core::Outstanding(*saga->definition, saga->state)) {
      plan.sends.push_back(RequestOf(*saga, *command));
    }
    Put(std::move(saga));
    return true;
  });
  events.TakeNewest(snapshot);
  events.Finish();
  if (!memory_.live.empty()) {
    plan.log.push_back(
        {.event = "sagas_recovered",
         .fields = {{"live", Cat(memory_.live.size())}, {"calls", Cat(plan.sends.size())}},
         .message = "the sagas go on from where they were"});
  }
  return snapshot.status();
}

}  // namespace seatsaga::engine
