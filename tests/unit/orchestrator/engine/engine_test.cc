// What the orchestrator does with its participants' answers, crashes and clocks, as its
// participants, its API and its store show it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/errors.h"
#include "orchestrator/engine/saga_view.h"
#include "tests/unit/orchestrator/world/orchestrator_world.h"

namespace seatsaga {
namespace {

using testing::Engine;
using testing::OrchestratorWorld;
using testing::SagaId;
using namespace orchestrator::v1;

const Id kA = SagaId('a');
const core::Definition& kNewest = sagas::kReservation.versions.back();

template <class Method>
absl::StatusOr<Saga> Operate(OrchestratorWorld& world, const Method& method, const Id& id) {
  typename Method::Request request;
  request.set_saga_id(id.ToString());
  auto response = world.Call(method, request);
  if (!response.ok()) return response.status();
  return response->saga();
}
absl::StatusOr<Saga> Retry(OrchestratorWorld& world, const Id& id) {
  return Operate(world, orchestrator::kRetrySaga, id);
}
absl::StatusOr<Saga> Compensate(OrchestratorWorld& world, const Id& id) {
  return Operate(world, orchestrator::kCompensateSaga, id);
}

TEST_CASE("a saga that goes well calls each step once and completes") {
  OrchestratorWorld world(GENERATE(Engine::kModel, Engine::kSqlite));
  world.Boot();
  REQUIRE(world.Start(kA));
  REQUIRE(world.LastCall() == "reserve_seats");
  world.Succeed();
  REQUIRE(world.LastCall() == "charge_payment");
  const auto& charge = static_cast<const payment::v1::ChargePaymentRequest&>(*world.last().body);
  REQUIRE(charge.amount().amount_minor() == 4500);
  world.Succeed();
  REQUIRE(world.LastCall() == "confirm_reservation");
  world.SucceedToTheEnd();
  std::vector<std::string> called;
  for (const auto& arrival : world.arrived) called.push_back(arrival.command.key.step());
  std::vector<std::string> act;
  for (const core::Step& step : kNewest.steps) {
    if (!step.action.IsNone() && !step.only_holds) act.emplace_back(step.name);
  }
  REQUIRE(called == act);
  REQUIRE(world.StateOf(kA) == SAGA_STATE_COMPLETED);
  world.RequireReplayGivesStoredState(kA);
}

TEST_CASE("a refused payment releases the seats, then cancels with the reason") {
  OrchestratorWorld world(GENERATE(Engine::kModel, Engine::kSqlite));
  world.Boot();
  world.Start(kA);
  world.SucceedUntil("charge_payment");
  world.Refuse("PAYMENT_DECLINED");
  REQUIRE(world.LastCall() == "release_seats");
  world.Succeed();
  REQUIRE(world.LastCall() == "cancel_reservation");
  const auto& cancel = static_cast<const reservation::v1::CancelReservation&>(*world.last().body);
  REQUIRE(cancel.reason() == "PAYMENT_DECLINED");
  world.SucceedToTheEnd();
  REQUIRE(world.StateOf(kA) == SAGA_STATE_COMPENSATED);
  world.RequireReplayGivesStoredState(kA);
}

TEST_CASE("nothing is sent and nothing acknowledged when the commit fails") {
  OrchestratorWorld world(GENERATE(Engine::kModel, Engine::kSqlite));
  world.Boot();
  world.test.FailNextCommits(testing::kOrchestrator, 1, store::Committed::kNothing);
  REQUIRE_FALSE(world.Start(kA));
  REQUIRE(world.last_start.code() == absl::StatusCode::kUnavailable);
  world.test.Advance(absl::Seconds(2));
  REQUIRE(world.calls() == 0);
  REQUIRE(world.Start(kA));
  REQUIRE(world.calls() == 1);
}

TEST_CASE("a saga whose answer could not be stored makes the same call again") {
  OrchestratorWorld world;
  world.Boot();
  world.Start(kA);
  world.test.FailNextCommits(testing::kOrchestrator, 1, store::Committed::kNothing);
  world.Succeed();
  world.PassTime();
  REQUIRE(world.calls() == 2);
  REQUIRE(world.LastCall() == "reserve_seats");
  world.SucceedToTheEnd();
  REQUIRE(world.StateOf(kA) == SAGA_STATE_COMPLETED);
  world.RequireReplayGivesStoredState(kA);
}

TEST_CASE("after a crash the outstanding call is made again with its attempt number") {
  OrchestratorWorld world(GENERATE(Engine::kModel, Engine::kSqlite));
  world.Boot();
  world.Start(kA);
  world.SucceedUntil("charge_payment");
  const auto before = world.last();
  world.Crash();
  world.Boot();
  REQUIRE(world.calls() == 1);
  REQUIRE(world.LastCall() == before.arm);
  REQUIRE(world.last().key.round() == before.key.round());
  const auto& charge = static_cast<const payment::v1::ChargePaymentRequest&>(*world.last().body);
  REQUIRE(charge.amount().amount_minor() == 4500);
  REQUIRE(world.Get(kA).attempt() == 1);
  world.SucceedToTheEnd();
  REQUIRE(world.StateOf(kA) == SAGA_STATE_COMPLETED);
  world.RequireReplayGivesStoredState(kA);
}

TEST_CASE("a retry that was waiting for its time survives a crash") {
  OrchestratorWorld world(GENERATE(Engine::kModel, Engine::kSqlite));
  world.Boot();
  world.Start(kA);
  world.Unknown();
  world.Crash();
  world.Boot();
  REQUIRE(world.calls() == 0);
  world.PassTime();
  REQUIRE(world.LastCall() == "reserve_seats");
  REQUIRE(world.Get(kA).attempt() == 2);
}

TEST_CASE("a wall clock that stepped back before a restart does not keep a retry from its time") {
  OrchestratorWorld world(GENERATE(Engine::kModel, Engine::kSqlite));
  world.Boot();
  world.Start(kA);
  world.Unknown();
  world.Crash();
  world.test.StepWall(-absl::Hours(1));
  world.Boot();
  const Mono before = world.test.now();
  world.PassTime();
  REQUIRE(world.test.now() - before <= world.options.limits.backoff.base + absl::Milliseconds(5));
  REQUIRE(world.LastCall() == "reserve_seats");
}

TEST_CASE("a wall clock that steps does not keep a retry from its time") {
  OrchestratorWorld world;
  world.Boot();
  world.Start(kA);
  world.Unknown();
  const absl::Duration step = GENERATE(-absl::Hours(10), absl::Hours(10));
  world.test.StepWall(step);
  const Mono before = world.test.now();
  world.PassTime();
  REQUIRE(world.test.now() - before <= world.options.limits.backoff.base + absl::Milliseconds(5));
  REQUIRE(world.LastCall() == "reserve_seats");
  world.Unknown();
  world.PassTime();
  REQUIRE(world.test.now() - before <= absl::Seconds(1));
  const Saga saga = world.Get(kA);
  for (const HistoryEntry& entry : saga.history()) REQUIRE(entry.duration().seconds() >= 0);
  world.SucceedToTheEnd();
  REQUIRE(world.StateOf(kA) == SAGA_STATE_COMPLETED);
  world.RequireReplayGivesStoredState(kA);
}

TEST_CASE("an event after a step of the wall clock does not keep a retry from its time") {
  OrchestratorWorld world(GENERATE(Engine::kModel, Engine::kSqlite));
  world.Boot();
  REQUIRE(world.StartHold(kA));
  world.Unknown();
  world.test.StepWall(-absl::Minutes(1));
  const auto extended = world.Submit(world.Extension(kA, absl::Minutes(20)));
  REQUIRE(extended.outcome() == saga::v1::OUTCOME_SUCCEEDED);
  if (GENERATE(false, true)) {
    world.Crash();
    world.Boot();
  }
  const Mono before = world.test.now();
  world.PassTime();
  REQUIRE(world.test.now() - before <= world.options.limits.backoff.base + absl::Milliseconds(5));
  REQUIRE(world.LastCall() == "reserve_seats");
}

TEST_CASE("the engine starts a known saga only once") {
  OrchestratorWorld world(GENERATE(Engine::kModel, Engine::kSqlite));
  world.Boot();
  world.Start(kA);
  REQUIRE(world.Start(kA));
  REQUIRE(world.calls() == 1);
  world.SucceedToTheEnd();
  const size_t calls = world.calls();
  REQUIRE(world.Start(kA));
  REQUIRE(world.calls() == calls);
  REQUIRE(world.StateOf(kA) == SAGA_STATE_COMPLETED);
}

TEST_CASE("one request that starts a saga twice starts it once") {
  OrchestratorWorld world;
  world.Boot();
  StartSagasRequest request;
  *request.add_sagas() = world.NewSaga(kA);
  *request.add_sagas() = world.NewSaga(kA);
  REQUIRE(world.Call(orchestrator::kStartSagas, request)->saga_ids_size() == 2);
  REQUIRE(world.calls() == 1);
}

TEST_CASE("sagas beyond the bound are left to the facade") {
  OrchestratorWorld world;
  world.options.live_max = 1;
  world.Boot();
  REQUIRE(world.Start(kA));
  REQUIRE_FALSE(world.Start(SagaId('b')));
  REQUIRE(world.last_start.ok());
  world.SucceedToTheEnd();
  REQUIRE(world.Start(SagaId('b')));
}

TEST_CASE("a duplicate answer changes nothing") {
  OrchestratorWorld world;
  world.Boot();
  world.Start(kA);
  // What was outstanding when a commit failed is sent again, so that both are answered.
  world.test.FailNextCommits(testing::kOrchestrator, 1, store::Committed::kNothing);
  REQUIRE_FALSE(world.Start(SagaId('b')));
  REQUIRE(world.Call(orchestrator::kGetStats, {}).ok());
  REQUIRE(world.seats.commands().size() == 2);
  REQUIRE(world.seats.commands()[1].key.saga_id() == kA.ToString());
  world.seats.Answer(1, Succeeded(4500, "EUR"));
  world.test.Run();
  const Saga before = world.Get(kA);
  const size_t calls = world.calls();
  world.seats.Answer(0, Refused("SEAT_NOT_AVAILABLE", ""));
  world.test.Run();
  REQUIRE(world.Get(kA).SerializeAsString() == before.SerializeAsString());
  REQUIRE(world.calls() == calls);
}

TEST_CASE("a command that the participant's release does not know is tried again, never parked") {
  OrchestratorWorld world;
  world.Boot();
  world.Start(kA);
  world.SucceedUntil("confirm_reservation");
  for (int i = 0; i < 20; ++i) {
    world.Answer(WithReason(saga::v1::OUTCOME_UNKNOWN, participant::kUnknownCommand, "too old"));
    world.PassTime();
    REQUIRE(world.LastCall() == "confirm_reservation");
    REQUIRE(world.StateOf(kA) == SAGA_STATE_RUNNING);
  }
  world.SucceedToTheEnd();
  REQUIRE(world.StateOf(kA) == SAGA_STATE_COMPLETED);
}

TEST_CASE("long histories move out of the row, and stay whole") {
  OrchestratorWorld world(GENERATE(Engine::kModel, Engine::kSqlite));
  world.options.limits.attempts_max = 1000;
  world.options.limits.backoff = {.base = absl::Milliseconds(5), .cap = absl::Milliseconds(5)};
  world.Boot();
  world.Start(kA);
  for (int64_t i = 0; i < engine::Engine::kHistoryInRowMax; ++i) {
    world.Unknown();
    world.PassTime();
  }
  const int entries = world.Get(kA).history_size();
  REQUIRE(entries > engine::Engine::kHistoryInRowMax);
  for (int i = 0; i < entries; ++i) REQUIRE(world.Get(kA).history(i).sequence() == i + 1);
  world.RequireReplayGivesStoredState(kA);
  world.Look([&](store::Snapshot& snapshot) {
    seatsaga::orchestrator::store::StoredHistory in_row;
    REQUIRE(in_row.ParseFromString(snapshot.Find(store::kSagas, kA)->history));
    REQUIRE(in_row.events_size() <= engine::Engine::kHistoryInRowMax);
  });
  world.Boot();
  world.SucceedToTheEnd();
  world.RequireReplayGivesStoredState(kA);
}

TEST_CASE("a refused compensation parks the saga until an operator retries it") {
  OrchestratorWorld world(GENERATE(Engine::kModel, Engine::kSqlite));
  world.Boot();
  world.Start(kA);
  world.SucceedUntil("charge_payment");
  world.Refuse("PAYMENT_DECLINED");
  world.Refuse("SOMETHING_ODD");
  const Saga shown = world.Get(kA);
  REQUIRE(shown.state() == SAGA_STATE_PARKED);
  REQUIRE(shown.needs_attention());
  REQUIRE(shown.reason() == "SOMETHING_ODD");
  REQUIRE_THAT(shown.next_action(), Catch::Contains("sagactl retry " + kA.ToString()));
  REQUIRE_THAT(shown.next_action(), !Catch::Contains("sagactl compensate"));

  const size_t calls = world.calls();
  const auto retried = Retry(world, kA);
  REQUIRE(retried.ok());
  REQUIRE(retried->state() == SAGA_STATE_COMPENSATING);
  REQUIRE(world.calls() == calls + 1);
  world.SucceedToTheEnd();
  REQUIRE(world.StateOf(kA) == SAGA_STATE_COMPENSATED);
  world.RequireReplayGivesStoredState(kA);
}

TEST_CASE("an operator is told to compensate only where the core allows it") {
  const auto pivot = std::ranges::find(kNewest.steps, core::StepKind::kPivot, &core::Step::kind);
  core::State state;
  state.definition_version = kNewest.version;
  state.sequence = 9;
  state.step = static_cast<int>(pivot - kNewest.steps.begin());
  state.visits.fill(1);
  state.call = {.kind = core::CallKind::kAction, .attempt = 2};
  state.parked = {.kind = core::ParkedKind::kParked, .reason = "CANCELLED"};
  const auto next_action = [&] { return engine::NextAction(kNewest, state, "S"); };
  REQUIRE_THAT(next_action(), Catch::Contains("sagactl compensate S"));
  state.call.in_doubt = true;  // it may have happened
  REQUIRE_THAT(next_action(), Catch::Contains("sagactl retry S"));
  REQUIRE_THAT(next_action(), !Catch::Contains("compensate"));
}

TEST_CASE("an operator is told why a finished saga cannot be retried") {
  OrchestratorWorld world(GENERATE(Engine::kModel, Engine::kSqlite));
  world.Boot();
  world.Start(kA);
  world.SucceedToTheEnd();
  const absl::Status status = Retry(world, kA).status();
  REQUIRE(status.code() == absl::StatusCode::kFailedPrecondition);
  REQUIRE(ReasonOf(status) == "SAGA_FINISHED");
  REQUIRE(Retry(world, SagaId('z')).status().code() == absl::StatusCode::kNotFound);
  REQUIRE(world.StateOf(kA) == SAGA_STATE_COMPLETED);
}

TEST_CASE("an operator's compensation undoes what was done") {
  OrchestratorWorld world;
  world.Boot();
  world.Start(kA);
  world.Unknown();
  REQUIRE(Compensate(world, kA).ok());
  REQUIRE(world.LastCall() == "release_seats");
  REQUIRE(world.StateOf(kA) == SAGA_STATE_COMPENSATING);
}

TEST_CASE("one saga that cannot be read stops no other, and asks for attention") {
  OrchestratorWorld world(GENERATE(Engine::kModel, Engine::kSqlite));
  world.Boot();
  const Id bad = SagaId('a');
  const Id good = SagaId('b');
  world.Start(bad);
  world.Start(good);
  std::string why;
  SECTION("of a newer release") {
    world.Spoil(bad, [](store::SagaRow& row) {
      core::State state = *store::DecodeState(row.state);
      state.definition_version = 99;
      row.state = store::EncodeState(state);
    });
    why = "version 99";
  }
  SECTION("of a kind that only a newer release knows") {
    world.Spoil(bad, [](store::SagaRow& row) {
      row.data = std::make_shared<const std::string>("\xfa\x3e\x06sealed");  // field 1007
    });
    why = "this program does not know";
  }
  SECTION("damaged state") {
    world.Spoil(bad, [](store::SagaRow& row) { row.state = "\xff\xff\xff"; });
    why = "restore a backup";
  }
  SECTION("damaged data") {
    world.Spoil(bad, [](store::SagaRow& row) {
      row.data = std::make_shared<const std::string>("\xff\xff\xff");
    });
    why = "restore a backup";
  }
  SECTION("damaged history") {
    world.Spoil(bad, [](store::SagaRow& row) { row.history = "\xff\xff\xff"; });
    why = "restore a backup";
  }
  SECTION("in a state that is not possible") {
    world.Spoil(bad, [](store::SagaRow& row) {
      core::State state = *store::DecodeState(row.state);
      state.visits = {};
      row.state = store::EncodeState(state);
    });
    why = "restore a backup";
  }
  // The other one goes on.
  REQUIRE(world.calls() == 1);
  REQUIRE(world.last().key.saga_id() == good.ToString());
  world.SucceedToTheEnd();
  REQUIRE(world.StateOf(good) == SAGA_STATE_COMPLETED);
  // This one is shown, and left alone.
  const Saga shown = world.Get(bad);
  REQUIRE(shown.needs_attention());
  REQUIRE(shown.reason() == engine::kUnreadable);
  REQUIRE_THAT(shown.message(), Catch::Contains(why));
  REQUIRE(shown.DebugString().find("sealed") == std::string::npos);
  ListSagasRequest list;
  list.set_needs_attention(true);
  const auto listed = world.Call(orchestrator::kListSagas, list);
  REQUIRE(listed->sagas_size() == 1);
  REQUIRE(listed->sagas(0).saga_id() == bad.ToString());
  REQUIRE(world.Call(orchestrator::kGetStats, {})->attention_count() == 1);
  REQUIRE(ReasonOf(Retry(world, bad).status()) == engine::kUnreadable);
  const size_t calls = world.calls();
  REQUIRE(world.Start(bad));  // known
  REQUIRE(world.calls() == calls);
}

TEST_CASE("what the engine commits is fenced with its holder and the epoch that it claimed last") {
  const auto registry = *sagas::Registry::Make(sagas::kSagaTypes);
  engine::Engine engine(registry, {.holder = SagaId('h')});
  REQUIRE(engine.fence()->holder == SagaId('h'));
  REQUIRE(engine.fence()->epochs == std::array<uint64_t, store::kPartitions>{});
  engine.Remember({.epoch = 7});
  for (const uint64_t epoch : engine.fence()->epochs) REQUIRE(epoch == 7);
}

TEST_CASE("a commit that is fenced off stops the orchestrator") {
  OrchestratorWorld world;
  world.Boot();
  world.test.FailNextCommits(testing::kOrchestrator, 1, store::Committed::kFenced);
  REQUIRE_FALSE(world.Start(kA));
  REQUIRE(world.calls() == 0);
  REQUIRE(world.test.stopped(testing::kOrchestrator));
}

TEST_CASE("what a step did is in the history, with its round") {
  OrchestratorWorld world;
  world.Boot();
  world.Start(kA);
  CommandResult reserved = Succeeded(4500, "EUR");
  reserved.mutable_result()->add_seat_ids("stalls/A/1");
  world.Answer(reserved);
  world.Unknown();
  const Saga saga = world.Get(kA);
  REQUIRE(saga.history(0).round() == 0);  // about no step
  REQUIRE(saga.history(1).round() == 1);
  REQUIRE(saga.history(1).result().SerializeAsString() == reserved.result().SerializeAsString());
  REQUIRE_FALSE(saga.history(2).has_result());
}

}  // namespace
}  // namespace seatsaga
