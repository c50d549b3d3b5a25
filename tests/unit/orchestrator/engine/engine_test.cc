#include "orchestrator/engine/engine.h"

#include <catch2/catch.hpp>

#include "common/errors.h"
#include "common/outcome.h"
#include "orchestrator/engine/saga_view.h"
#include "orchestrator/store/record_codec.h"
#include "tests/unit/orchestrator/engine/engine_world.h"

namespace seatsaga {
namespace {

using core::Outcome;
using testing::EngineWorld;
using testing::SagaId;
using namespace orchestrator::v1;

SagaState StateOf(EngineWorld& world, const Id& id) {
  const auto row = world.Row(id);
  return row.has_value() ? static_cast<SagaState>(row->view) : SAGA_STATE_UNSPECIFIED;
}

// The history's events once more through the core: must give the stored state (invariant I10).
void RequireReplayGivesStoredState(EngineWorld& world, const Id& id) {
  auto database = *sqlite::Database::OpenReader(world.path());
  store::SagaReader reader(*database);
  const auto row = reader.Find(id);
  REQUIRE(row.has_value());
  orchestrator::store::StoredHistory history;
  REQUIRE(history.ParseFromString(reader.FullHistory(*row)));
  core::State state;
  for (const auto& stored : history.events()) {
    const auto decision = core::Advance(sagas::ReservationSaga(), state,
                                        store::FromStored(stored).event, world.options.limits);
    INFO("entry " << state.sequence + 1 << ": " << decision.detail << "\n" << stored.DebugString());
    REQUIRE(decision.disposition == core::Disposition::kApplied);
    state = decision.next;
    REQUIRE(state.sequence >= 1);
  }
  REQUIRE(state.sequence == history.events_size());
  orchestrator::store::StoredState replayed;
  orchestrator::store::StoredState stored;
  REQUIRE(replayed.ParseFromString(store::EncodeState(state)));
  REQUIRE(stored.ParseFromString(row->state));
  REQUIRE(replayed.DebugString() == stored.DebugString());
}

TEST_CASE("a saga that goes well calls each step once and completes") {
  EngineWorld world;
  const Id id = SagaId('a');
  REQUIRE(world.Start(id));
  REQUIRE(world.LastCall() == "reserve_seats");
  REQUIRE(world.Answer(Outcome::kSucceeded).ok());
  REQUIRE(world.LastCall() == "charge_payment");
  REQUIRE(world.participants.sent.back().facts->price_minor == 4500);
  REQUIRE(world.Answer(Outcome::kSucceeded).ok());
  REQUIRE(world.LastCall() == "confirm_reservation");
  REQUIRE(world.Answer(Outcome::kSucceeded).ok());
  REQUIRE(world.participants.sent.size() == 3);
  REQUIRE(StateOf(world, id) == SAGA_STATE_COMPLETED);
  RequireReplayGivesStoredState(world, id);
}

TEST_CASE("a refused payment releases the seats, then cancels with the reason") {
  EngineWorld world;
  const Id id = SagaId('a');
  world.Start(id);
  (void)world.Answer(Outcome::kSucceeded);
  (void)world.Answer(Outcome::kRefused, "PAYMENT_DECLINED");
  REQUIRE(world.LastCall() == "undo reserve_seats");
  (void)world.Answer(Outcome::kSucceeded);
  REQUIRE(world.LastCall() == "undo create_reservation");
  REQUIRE(world.participants.sent.back().reason == "PAYMENT_DECLINED");
  (void)world.Answer(Outcome::kSucceeded);
  REQUIRE(StateOf(world, id) == SAGA_STATE_COMPENSATED);
  RequireReplayGivesStoredState(world, id);
}

TEST_CASE("a finished saga no longer holds the sealed payment token") {
  EngineWorld world;
  const Id id = SagaId('a');
  world.Start(id);
  REQUIRE(store::DecodeFacts(world.Row(id)->facts)->sealed_payment_token == "sealed");
  for (int i = 0; i < 3; ++i) (void)world.Answer(Outcome::kSucceeded);
  REQUIRE(store::DecodeFacts(world.Row(id)->facts)->sealed_payment_token.empty());
}

TEST_CASE("nothing is sent and nothing acknowledged when the commit fails") {
  EngineWorld world;
  const Id id = SagaId('a');
  world.break_next_commit = true;
  REQUIRE_FALSE(world.Start(id));
  REQUIRE_FALSE(world.last_commit.ok());
  REQUIRE(world.participants.sent.empty());
  world.Reload();
  REQUIRE(world.participants.sent.empty());
  REQUIRE(world.Start(id));
  REQUIRE(world.participants.sent.size() == 1);
}

TEST_CASE("after a crash the outstanding call is made again with its attempt number") {
  EngineWorld world;
  const Id id = SagaId('a');
  world.Start(id);
  (void)world.Answer(Outcome::kSucceeded);
  const auto before = world.participants.sent.back().command;
  world.Crash();
  REQUIRE(world.participants.sent.size() == 1);
  const auto& again = world.participants.sent.back();
  REQUIRE(again.command.call == before.call);
  REQUIRE(again.command.attempt == before.attempt);
  REQUIRE(again.facts->price_minor == 4500);
  (void)world.Answer(Outcome::kSucceeded);
  (void)world.Answer(Outcome::kSucceeded);
  REQUIRE(StateOf(world, id) == SAGA_STATE_COMPLETED);
  RequireReplayGivesStoredState(world, id);
}

TEST_CASE("a retry that was waiting for its time survives a crash") {
  EngineWorld world;
  const Id id = SagaId('a');
  world.Start(id);
  (void)world.Answer(Outcome::kUnknown, "UNAVAILABLE");
  world.Crash();
  REQUIRE(world.participants.sent.empty());
  REQUIRE(world.engine->NextWake() != absl::InfiniteFuture());
  world.PassTime();
  REQUIRE(world.LastCall() == "reserve_seats");
  REQUIRE(world.participants.sent.back().command.attempt == 2);
}

TEST_CASE("the engine starts a known saga only once") {
  EngineWorld world;
  const Id id = SagaId('a');
  world.Start(id);
  REQUIRE(world.Start(id));
  REQUIRE(world.participants.sent.size() == 1);
  for (int i = 0; i < 3; ++i) (void)world.Answer(Outcome::kSucceeded);
  REQUIRE(world.Start(id));
  REQUIRE(world.participants.sent.size() == 3);
  REQUIRE(StateOf(world, id) == SAGA_STATE_COMPLETED);
}

TEST_CASE("sagas beyond the bound are left to the facade") {
  EngineWorld world;
  world.options.live_max = 1;
  world.Crash();
  REQUIRE(world.Start(SagaId('a')));
  REQUIRE_FALSE(world.Start(SagaId('b')));
  REQUIRE(world.last_commit.ok());
  for (int i = 0; i < 3; ++i) (void)world.Answer(Outcome::kSucceeded);
  REQUIRE(world.Start(SagaId('b')));
}

TEST_CASE("a duplicate answer changes nothing") {
  EngineWorld world;
  const Id id = SagaId('a');
  world.Start(id);
  const auto first = world.participants.sent.back();
  (void)world.Answer(Outcome::kSucceeded);
  participants::CallResult late{.saga_id = id,
                                .kind = first.command.kind,
                                .step = first.command.step,
                                .direction = first.command.direction,
                                .attempt = first.command.attempt,
                                .outcome = Outcome::kRefused,
                                .reason = "SEAT_NOT_AVAILABLE",
                                .message = "",
                                .amount_minor = 0,
                                .currency = ""};
  (void)world.Step(engine::CallsEnded{{late}});
  REQUIRE(StateOf(world, id) == SAGA_STATE_RUNNING);
  REQUIRE(world.participants.sent.size() == 2);
}

TEST_CASE("a stale fencing token stops the orchestrator and leaves the saga alone") {
  EngineWorld world;
  const Id id = SagaId('a');
  world.Start(id);
  const auto before = world.Row(id)->state;
  (void)world.Answer(Outcome::kRefused, std::string(kStaleFencingToken));
  REQUIRE(world.fenced_off == 1);
  REQUIRE(world.Row(id)->state == before);
  REQUIRE_FALSE(world.Start(SagaId('b')));
}

TEST_CASE("long histories move out of the row, and stay whole") {
  EngineWorld world;
  const Id id = SagaId('a');
  world.Start(id);
  const int attempts = static_cast<int>(engine::Engine::kHistoryInRowMax);
  for (int i = 0; i < attempts; ++i) {
    (void)world.Answer(Outcome::kUnknown, "UNAVAILABLE");
    world.PassTime();
  }
  RequireReplayGivesStoredState(world, id);
  orchestrator::store::StoredHistory in_row;
  REQUIRE(in_row.ParseFromString(world.Row(id)->history));
  REQUIRE(in_row.events_size() < engine::Engine::kHistoryInRowMax);
  world.Crash();
  (void)world.Step(std::vector<engine::Input>{});
  RequireReplayGivesStoredState(world, id);
}

struct OperatorAnswer {
  absl::Status status;
  Saga saga;
};

OperatorAnswer Ask(EngineWorld& world, const Id& id, engine::OperatorRequest::Kind kind) {
  OperatorAnswer answer;
  (void)world.Step(engine::OperatorRequest{id, kind, Reply<Saga>([&](absl::StatusOr<Saga> got) {
                                             answer.status = got.status();
                                             if (got.ok()) answer.saga = *std::move(got);
                                           })});
  return answer;
}

TEST_CASE("a refused compensation parks the saga until an operator retries it") {
  EngineWorld world;
  const Id id = SagaId('a');
  world.Start(id);
  (void)world.Answer(Outcome::kSucceeded);
  (void)world.Answer(Outcome::kRefused, "PAYMENT_DECLINED");
  (void)world.Answer(Outcome::kRefused, "SOMETHING_ODD");
  REQUIRE(StateOf(world, id) == SAGA_STATE_PARKED);
  REQUIRE(world.Row(id)->attention);
  const auto shown = engine::ToProto(*world.Row(id));
  REQUIRE(shown->reason() == "SOMETHING_ODD");
  REQUIRE(shown->next_action().find("sagactl retry " + id.ToString()) != std::string::npos);

  const size_t calls = world.participants.sent.size();
  const auto answer = Ask(world, id, engine::OperatorRequest::Kind::kRetry);
  REQUIRE(answer.status.ok());
  REQUIRE(answer.saga.state() == SAGA_STATE_COMPENSATING);
  REQUIRE(world.participants.sent.size() == calls + 1);
  (void)world.Answer(Outcome::kSucceeded);
  (void)world.Answer(Outcome::kSucceeded);
  REQUIRE(StateOf(world, id) == SAGA_STATE_COMPENSATED);
  RequireReplayGivesStoredState(world, id);
}

TEST_CASE("an operator is told why a finished saga cannot be retried") {
  EngineWorld world;
  const Id id = SagaId('a');
  world.Start(id);
  for (int i = 0; i < 3; ++i) (void)world.Answer(Outcome::kSucceeded);
  const auto answer = Ask(world, id, engine::OperatorRequest::Kind::kRetry);
  REQUIRE(answer.status.code() == absl::StatusCode::kFailedPrecondition);
  REQUIRE(ReasonOf(answer.status) == "SAGA_FINISHED");
  REQUIRE(Ask(world, SagaId('z'), engine::OperatorRequest::Kind::kRetry).status.code() ==
          absl::StatusCode::kNotFound);
}

TEST_CASE("an operator's compensation undoes what was done") {
  EngineWorld world;
  const Id id = SagaId('a');
  world.Start(id);
  (void)world.Answer(Outcome::kUnknown, "UNAVAILABLE");
  REQUIRE(Ask(world, id, engine::OperatorRequest::Kind::kCompensate).status.ok());
  REQUIRE(world.LastCall() == "undo reserve_seats");
  REQUIRE(StateOf(world, id) == SAGA_STATE_COMPENSATING);
}

TEST_CASE("a database with a saga of an unknown definition version is refused") {
  EngineWorld world;
  const Id id = SagaId('a');
  world.Start(id);
  core::State state = *store::DecodeState(world.Row(id)->state);
  state.definition_version = 99;
  store::SagaRow row = *world.Row(id);
  row.state = store::EncodeState(state);
  world.database->Begin();
  world.store->Write({.inserts = {}, .updates = {&row}, .live_changes = {}, .chunks = {}});
  REQUIRE(world.database->Commit().ok());
  world.Reload();
  REQUIRE(world.last_commit.code() == absl::StatusCode::kFailedPrecondition);
  REQUIRE(std::string(world.last_commit.message()).find("version 99") != std::string::npos);
}

}  // namespace
}  // namespace seatsaga
