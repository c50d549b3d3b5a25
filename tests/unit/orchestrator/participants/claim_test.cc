// How participants come to be commanded by one process: asked first, then taken, then commanded.
#include <catch2/catch.hpp>

#include "api/saga.h"
#include "common/errors.h"
#include "tests/unit/orchestrator/participants/participants_world.h"
#include "tests/unit/orchestrator/world/orchestrator_world.h"

namespace seatsaga::participants {
namespace {

using testing::ArrivedCommand;
using testing::FakeParticipant;
using testing::Leg;
using testing::OrchestratorWorld;
using testing::ParticipantsWorld;
using testing::SagaId;

const Id kOther = *Id::FromBytes("another process.");
const participant::Token kNobody;

std::optional<CommandResult> Succeed(const ArrivedCommand& /*command*/) { return Succeeded(); }

bool TookNothing(ParticipantsWorld& world) {
  for (const auto& call : world.test.calls()) {
    if (call.method == "TakePartitions") return false;
  }
  return true;
}

TEST_CASE("every participant is asked, then taken in an epoch above all, and then commanded") {
  ParticipantsWorld world;
  world.seats.TakenBy({9, kOther});
  world.payments.TakenBy({2, kOther});
  world.Start();
  REQUIRE(world.claims == std::vector<uint64_t>{9});
  REQUIRE(world.epoch == 10);
  for (auto* participant : world.all()) {
    REQUIRE(participant->holder() == world.token());
    REQUIRE(participant->fencing_row().store_id == world.claimant.store.store_id);
    REQUIRE(participant->fencing_row().store_counter == world.claimant.store.counter);
  }
  REQUIRE(world.commanding == std::vector<bool>{true});
  world.Charge(1, 1);
  REQUIRE(world.payments.commands().size() == 1);
  REQUIRE(world.stops.empty());
}

TEST_CASE("nothing is taken before the epoch is durable") {
  ParticipantsWorld world;
  world.hold_epochs = true;
  world.Start();
  REQUIRE(world.waiting_claims.size() == 1);
  world.test.Advance(absl::Minutes(1));
  REQUIRE(world.waiting_claims.size() == 1);
  REQUIRE(TookNothing(world));
  world.hold_epochs = false;
  SECTION("it is now") { world.waiting_claims[0](++world.epoch); }
  SECTION("it could not be stored, and is claimed again") {
    world.waiting_claims[0](absl::UnavailableError("the disk is full"));
    REQUIRE(TookNothing(world));
    world.test.Advance(absl::Seconds(1));
  }
  world.test.Run();
  for (auto* participant : world.all()) REQUIRE(participant->holder() == world.token());
}

TEST_CASE("data older than what a participant was taken for stops it before anything is taken") {
  ParticipantsWorld world;
  FakeParticipant& knows = *world.all()[static_cast<size_t>(GENERATE(0, 1, 2))];
  // However often this data was started since: it has claimed nothing.
  const int64_t counter = GENERATE(5, 12, 1000);
  knows.TakenBy(GENERATE(participant::Token{7, kOther}, participant::Token{4, kOther}),
                world.claimant.store.store_id, counter);
  const participant::Token held = knows.holder();
  SECTION("stops") {
    world.Start();
    REQUIRE(world.stops.size() == 1);
    REQUIRE_THAT(world.why(), Catch::Contains("data is outdated"));
    REQUIRE_THAT(world.why(), Catch::Contains("(" + knows.name() + ")"));
    REQUIRE_THAT(world.why(), Catch::Contains("opening " + std::to_string(counter)));
    REQUIRE_THAT(world.why(), Catch::Contains("this is opening 12"));
    REQUIRE_THAT(world.why(), Catch::Contains(ToString(held)));
    REQUIRE_THAT(world.why(), Catch::Contains(ToString(world.claimant.known)));
    world.Charge(1, 1);
    world.test.Advance(absl::Minutes(1));
    REQUIRE(TookNothing(world));
    REQUIRE(knows.holder() == held);
    REQUIRE(world.payments.commands().empty());
    REQUIRE(world.commanding == std::vector<bool>{false});
    REQUIRE(world.stops.size() == 1);
  }
  SECTION("goes on if an operator says so") {
    world.claimant.take_over = true;
    world.Start();
    REQUIRE(world.stops.empty());
    REQUIRE(knows.holder() == world.token());
  }
}

TEST_CASE("what this store claimed before, or another store, is what comes before") {
  ParticipantsWorld world;
  const Id& store_id = world.claimant.store.store_id;
  SECTION("the last token") { world.seats.TakenBy(world.claimant.known, store_id, 11); }
  SECTION("an earlier one") { world.seats.TakenBy({3, kOther}, store_id, 11); }
  SECTION("another store") { world.seats.TakenBy({7, kOther}, kOther, 1000); }
  world.Start();
  REQUIRE(world.stops.empty());
  REQUIRE(world.seats.holder() == world.token());
}

TEST_CASE("a participant that answers late is still asked before any other is taken") {
  ParticipantsWorld world;
  world.test.Drop("orchestrator", "seats", Leg::kRequest, 4);
  SECTION("and lets it go on") {
    world.Start();
    REQUIRE(TookNothing(world));
    world.test.Advance(4 * Claim::kAgain - absl::Milliseconds(1));
    REQUIRE(TookNothing(world));
    world.test.Advance(absl::Milliseconds(1));
    for (auto* participant : world.all()) REQUIRE(participant->holder() == world.token());
  }
  SECTION("and may stop it") {
    world.seats.TakenBy({7, kOther}, world.claimant.store.store_id, 13);
    world.Start();
    world.test.Advance(absl::Seconds(2));
    REQUIRE(world.stops.size() == 1);
    REQUIRE(world.payments.holder() == kNobody);
  }
}

TEST_CASE("a participant that is down is waited for a while, and taken when it comes back") {
  ParticipantsWorld world;
  world.seats.Crash();
  world.payments.script = Succeed;
  world.Start();
  world.Charge(1, 1);
  world.test.Advance(Participants::kPatience - absl::Milliseconds(1));
  REQUIRE(TookNothing(world));
  REQUIRE(world.result_count == 0);
  world.test.Advance(absl::Milliseconds(1));
  REQUIRE(world.payments.holder() == world.token());
  REQUIRE(world.result_count == 1);
  const uint64_t epoch = world.epoch;
  SECTION("in the same epoch") {
    world.seats.Boot();
    world.test.Advance(absl::Seconds(1));
    REQUIRE(world.epoch == epoch);
  }
  SECTION("in a higher one if it has seen more") {
    world.seats.TakenBy({epoch + 5, kOther});
    world.seats.Boot();
    world.test.Advance(absl::Seconds(1));
    REQUIRE(world.epoch == epoch + 6);
  }
  SECTION("unless it knows that the data is old") {
    world.seats.TakenBy({7, kOther}, world.claimant.store.store_id, 13);
    world.seats.Boot();
    world.test.Advance(absl::Seconds(1));
    REQUIRE_THAT(world.why(), Catch::Contains("data is outdated"));
    return;
  }
  REQUIRE(world.stops.empty());
  REQUIRE(world.seats.holder() == world.token());
}

TEST_CASE("as long as no participant answers, nothing is claimed and nothing promised") {
  ParticipantsWorld world;
  for (auto* participant : world.all()) participant->Crash();
  world.Start();
  world.test.Advance(absl::Minutes(5));
  REQUIRE(world.claims.empty());
  REQUIRE(world.commanding.empty());
  world.seats.Boot();
  world.test.Advance(absl::Seconds(1));
  REQUIRE(world.seats.holder() == world.token());
  REQUIRE(world.commanding == std::vector<bool>{true});
}

TEST_CASE("calls wait until their participant is taken, and their time begins when they are sent") {
  ParticipantsWorld world;
  world.seats.Crash();
  world.Start();
  world.client->Send({});
  std::vector<CallRequest> calls;
  calls.push_back(ParticipantsWorld::Call(sagas::Call::kReserveSeats, 1, absl::Milliseconds(500)));
  calls.push_back(ParticipantsWorld::Call(sagas::Call::kReserveSeats, 2, absl::Seconds(20)));
  world.client->Send(std::move(calls));
  world.test.Advance(absl::Milliseconds(499));
  REQUIRE(world.result_count == 0);
  world.test.Advance(absl::Milliseconds(1));
  // It was never sent, and says so.
  REQUIRE(world.result_count == 1);
  REQUIRE(world.results[1].outcome == core::Outcome::kUnknown);
  REQUIRE(world.results[1].reason == "PARTICIPANT_NOT_TAKEN");
  world.test.Advance(absl::Seconds(19));
  world.seats.Boot();
  world.test.Advance(absl::Milliseconds(300));
  REQUIRE(world.seats.commands().size() == 1);
  world.test.Advance(absl::Seconds(19));
  REQUIRE(world.result_count == 1);
  world.seats.Answer(0, Succeeded());
  world.test.Run();
  REQUIRE(world.results[2].outcome == core::Outcome::kSucceeded);
}

TEST_CASE("a participant with a fresh database is taken again, and the calls are sent again") {
  ParticipantsWorld world;
  world.payments.script = Succeed;
  world.Start();
  const uint64_t epoch = world.epoch;
  world.payments.LoseMemory();
  world.Charge(1, 3);
  world.test.Advance(absl::Milliseconds(1));
  REQUIRE(world.result_count == 3);
  for (const auto& [attempt, result] : world.results) {
    REQUIRE(result.outcome == core::Outcome::kSucceeded);
  }
  REQUIRE(world.payments.holder() == world.token());
  REQUIRE(world.epoch == epoch);
  REQUIRE(world.commanding == std::vector<bool>{true});
}

TEST_CASE("a participant that another process has taken stops this one, with both tokens") {
  ParticipantsWorld world;
  world.Start();
  world.payments.TakenBy({world.epoch + 1, kOther});
  world.seats.script = Succeed;
  world.Charge(1, 1);
  REQUIRE(world.result_count == 0);  // it says nothing about the call
  REQUIRE(world.stops.size() == 1);
  REQUIRE_THAT(world.why(), Catch::Contains("(payments)"));
  REQUIRE_THAT(world.why(), Catch::Contains("another orchestrator has taken over"));
  REQUIRE_THAT(world.why(), Catch::Contains(kOther.ToString()));
  REQUIRE_THAT(world.why(), Catch::Contains(world.claimant.holder.ToString()));
  REQUIRE(world.commanding == std::vector<bool>{true, false});
  // Nobody is commanded any more.
  std::vector<CallRequest> calls;
  calls.push_back(ParticipantsWorld::Call(sagas::Call::kReserveSeats, 2));
  world.client->Send(std::move(calls));
  world.test.Run();
  REQUIRE(world.seats.commands().empty());
}

TEST_CASE("a lost answer to taking is asked after, not taken for a defeat") {
  ParticipantsWorld world;
  world.hold_epochs = true;
  world.Start();
  world.test.Drop("orchestrator", "seats", Leg::kAnswer, 1);
  world.waiting_claims[0](++world.epoch);
  world.test.Run();
  REQUIRE(world.seats.holder() == world.token());
  world.test.Advance(absl::Seconds(1));
  REQUIRE(world.stops.empty());
  std::vector<CallRequest> calls;
  calls.push_back(ParticipantsWorld::Call(sagas::Call::kReserveSeats, 1));
  world.client->Send(std::move(calls));
  world.test.Run();
  REQUIRE(world.seats.commands().size() == 1);
  REQUIRE(world.claims.size() == 1);
}

TEST_CASE(
    "the process that is slower between asking and taking stops if the other's epoch is higher") {
  ParticipantsWorld world;
  world.hold_epochs = true;
  world.Start();
  const uint64_t ours = world.epoch + 1;
  world.hold_epochs = false;
  const auto be_late = [&](const participant::Token& token) {
    world.seats.TakenBy(token);
    world.epoch = ours;
    world.waiting_claims[0](ours);
    world.test.Advance(absl::Seconds(1));
  };
  SECTION("higher") {
    be_late({ours + 1, kOther});
    REQUIRE(world.stops.size() == 1);
    REQUIRE_THAT(world.why(),
                 Catch::Contains("another orchestrator has taken over: seat_svc (seats)"));
    REQUIRE_THAT(world.why(), Catch::Contains(kOther.ToString()));
    REQUIRE_THAT(world.why(), Catch::Contains(world.claimant.holder.ToString()));
    REQUIRE(world.seats.holder().holder == kOther);
  }
  SECTION("lower: it is the other one that is late") {
    be_late({ours - 1, kOther});
    REQUIRE(world.stops.empty());
    REQUIRE(world.seats.holder() == participant::Token{ours, world.claimant.holder});
  }
  SECTION("equal: the higher holder goes on") {
    const Id low = *Id::FromBytes(std::string(16, '\x01'));
    const Id high = *Id::FromBytes(std::string(16, '\x7f'));
    const bool loses = GENERATE(true, false);
    be_late({ours, loses ? high : low});
    REQUIRE(world.stops.size() == (loses ? 1 : 0));
    REQUIRE(world.seats.holder().holder == (loses ? high : world.claimant.holder));
  }
}

TEST_CASE("data that became outdated between two questions stops it, whichever token is higher") {
  ParticipantsWorld world;
  world.hold_epochs = true;
  world.Start();  // everybody has been asked, and then it stands still
  const Id low = *Id::FromBytes(std::string(16, '\x01'));
  const participant::Token taken{world.epoch + 1, low};
  world.payments.TakenBy(taken, world.claimant.store.store_id, 13);
  world.hold_epochs = false;
  world.waiting_claims[0](++world.epoch);
  world.test.Advance(absl::Seconds(1));
  REQUIRE(world.token().epoch == taken.epoch);
  REQUIRE(world.token().holder > taken.holder);
  REQUIRE(world.stops.size() == 1);
  REQUIRE_THAT(world.why(), Catch::Contains("data is outdated"));
  REQUIRE(world.payments.holder() == taken);
}

TEST_CASE("a poisoned token is refused, and does not keep the orchestrator out") {
  ParticipantsWorld world;
  saga::v1::TakePartitionsRequest poison;
  auto& held = *poison.add_held();
  held.set_first(0);
  held.set_last(store::kPartitions - 1);
  poison.mutable_token()->set_epoch(UINT64_MAX);
  poison.mutable_token()->set_holder(std::string(kOther.bytes()));
  poison.set_store_id(kOther.ToString());
  poison.set_store_counter(1);
  REQUIRE_FALSE(world.test.CallNow("payments", saga::kTakePartitions, poison).ok());
  world.payments.script = Succeed;
  world.Start();
  REQUIRE_FALSE(world.test.CallNow("payments", saga::kTakePartitions, poison).ok());
  world.Charge(1, 1);
  REQUIRE(world.results[1].outcome == core::Outcome::kSucceeded);
}

TEST_CASE("a participant in a huge epoch does not keep the orchestrator from the others") {
  ParticipantsWorld world;
  // Somebody has taken it in many small steps.
  const uint64_t huge = 3'500'000;
  world.seats.TakenBy({huge, kOther});
  world.reservations.TakenBy({1, kOther});
  world.payments.script = Succeed;
  SECTION("at once") {}
  SECTION("if an answer is lost on the way") {
    world.test.Drop("orchestrator", "payments", Leg::kAnswer, 2);
  }
  world.Start();
  world.test.Advance(absl::Seconds(5));
  REQUIRE(world.epoch == huge + 1);
  for (auto* participant : world.all()) REQUIRE(participant->holder() == world.token());
  world.Charge(1, 1);
  REQUIRE(world.results[1].outcome == core::Outcome::kSucceeded);
  REQUIRE(world.stops.empty());
}

// --- With the engine and its store

TEST_CASE("the epoch rises with every start and is in the store before it is used") {
  OrchestratorWorld world(GENERATE(testing::Engine::kModel, testing::Engine::kSqlite));
  world.Boot();
  const participant::Token first = world.seats.holder();
  REQUIRE(first.epoch == 1);
  REQUIRE(world.Call(orchestrator::kGetStats, {})->fencing_epoch() == 1);
  world.Crash();
  world.Boot();
  REQUIRE(world.seats.holder().epoch == 2);
  REQUIRE_FALSE(world.seats.holder().holder == first.holder);
  const participant::Token second = world.seats.holder();
  world.Look([&](store::Snapshot& snapshot) {
    for (int32_t i = 0; i < store::kPartitions; ++i) {
      const auto row = snapshot.Find(store::kOwners, i);
      REQUIRE(row->epoch == second.epoch);
      REQUIRE(row->holder == second.holder);
    }
  });
}

TEST_CASE("an epoch that cannot be stored is not claimed") {
  OrchestratorWorld world;
  REQUIRE(world.TryBoot().ok());
  world.test.FailNextCommits(testing::kOrchestrator, 2, store::Committed::kNothing);
  world.test.Run();
  REQUIRE(world.seats.holder() == kNobody);
  world.test.Advance(absl::Seconds(5));
  REQUIRE(world.seats.holder().epoch == 1);
  REQUIRE(world.Start(SagaId('a')));
}

TEST_CASE("an orchestrator that commands nobody promises nothing") {
  OrchestratorWorld world;
  for (auto* participant : world.all()) participant->Crash();
  world.Boot();
  REQUIRE_FALSE(world.Start(SagaId('a')));
  REQUIRE(world.last_start.code() == absl::StatusCode::kUnavailable);
  world.payments.Boot();
  world.test.Advance(Participants::kPatience + absl::Seconds(1));
  REQUIRE(world.Start(SagaId('a')));
}

TEST_CASE("a stale token stops the orchestrator and leaves the saga alone") {
  OrchestratorWorld world;
  world.Boot();
  world.Start(SagaId('a'));
  world.payments.TakenBy({99, kOther});
  world.Succeed();
  REQUIRE(world.test.stopped(testing::kOrchestrator));
  REQUIRE_THAT(std::string(world.node->stop_reason().message()), Catch::Contains("(payments)"));
  const auto saga = world.Get(SagaId('a'));
  REQUIRE(saga.step() == "charge_payment");
  REQUIRE(saga.attempt() == 1);
  REQUIRE(saga.state() == orchestrator::v1::SAGA_STATE_RUNNING);
  REQUIRE_FALSE(world.Start(SagaId('b')));
}

TEST_CASE("an orchestrator on older data says so, and goes on if an operator says why") {
  OrchestratorWorld world(GENERATE(testing::Engine::kModel, testing::Engine::kSqlite));
  Id store_id;
  {
    const auto store =
        *world.test.world(testing::kOrchestrator).stores.Open(store::kOrchestratorSchema);
    store_id = store->identity().store_id;
  }
  world.payments.TakenBy({99, kOther}, store_id, 1000);
  world.Boot();
  REQUIRE(world.test.stopped(testing::kOrchestrator));
  REQUIRE_THAT(std::string(world.node->stop_reason().message()),
               Catch::Contains("opening 1000 of store " + store_id.ToString()));
  REQUIRE(world.seats.holder() == kNobody);
  REQUIRE_FALSE(world.Start(SagaId('a')));
  world.Stop();
  world.options.take_over = "the newest backup; the disk is gone";
  world.Boot();
  REQUIRE_FALSE(world.test.stopped(testing::kOrchestrator));
  REQUIRE(world.payments.holder().epoch == 100);
  REQUIRE(world.Start(SagaId('a')));
  world.Look([&](store::Snapshot& snapshot) {
    const auto takeover = snapshot.First(store::kTakeovers, {.table = &store::kTakeovers.info()});
    REQUIRE(takeover->reason == world.options.take_over);
    REQUIRE(takeover->at <= world.test.wall());
  });
}

TEST_CASE("of two orchestrators exactly one goes on") {
  const uint64_t seed = GENERATE(range<uint64_t>(1, 40));
  testing::TestWorld test(testing::Engine::kModel, seed);
  FakeParticipant seats(test, "seats", seat::kExecuteSeatCommands);
  FakeParticipant payments(test, "payments", payment::kExecutePaymentCommands);
  FakeParticipant reservations(test, "reservations", reservation::kExecuteReservationCommands);
  OrchestratorOptions options;
  options.targets = {.seats = "seats", .payments = "payments", .reservations = "reservations"};
  auto a = *OrchestratorNode::Open(test.world("a"), options);
  auto b = *OrchestratorNode::Open(test.world("b"), options);
  REQUIRE(a->Start().ok());
  for (uint64_t i = 0; i < (seed - 1) % 12; ++i) test.Step();
  // Each may be faster at another participant.
  if (seed % 2 == 0) test.Hold("a", "seats", Leg::kRequest);
  if (seed % 3 == 0) test.Hold("b", "payments", Leg::kRequest);
  REQUIRE(b->Start().ok());
  for (uint64_t i = 0; i < seed; ++i) test.Step();
  test.Release("a", "seats");
  test.Release("b", "payments");
  // Each has a saga to command, if it still may.
  for (int i = 0; i < 50; ++i) {
    for (const char* name : {"a", "b"}) {
      orchestrator::v1::StartSagasRequest request;
      auto& start = *request.add_sagas();
      start.set_saga_id(SagaId(static_cast<char>(i + (name[0] == 'a' ? 0 : 100))).ToString());
      auto& data = *start.mutable_data()->mutable_reservation();
      data.set_user_id("ada");
      data.set_event_id("hamlet");
      data.add_seat_ids("stalls/A/1");
      data.set_sealed_payment_token("sealed");
      for (auto* one : {&seats, &payments, &reservations}) one->script = Succeed;
      if (!test.stopped(name)) (void)test.CallNow(name, orchestrator::kStartSagas, request);
    }
    test.Advance(absl::Milliseconds(100));
  }
  CAPTURE(seed, a->stop_reason(), b->stop_reason());
  REQUIRE(test.stopped("a") != test.stopped("b"));
  const auto& winner = test.stopped("a") ? b : a;
  const auto& loser = test.stopped("a") ? a : b;
  REQUIRE(winner->stop_reason().ok());
  REQUIRE_FALSE(loser->stop_reason().ok());
  REQUIRE(seats.holder().holder == payments.holder().holder);
  REQUIRE(seats.holder().holder == reservations.holder().holder);
}

}  // namespace
}  // namespace seatsaga::participants
