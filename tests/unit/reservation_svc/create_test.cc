// Making a reservation: idempotent, durable, bounded; and waiting for what becomes of it.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "common/sqlite/lane.h"
#include "common/store/model.h"
#include "reservation_svc/reservation_requests.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/reservation_svc/facade.h"

namespace seatsaga::reservation::testing {
namespace {

using v1::RESERVATION_STATE_CANCELLED;
using v1::RESERVATION_STATE_CONFIRMED;
using v1::RESERVATION_STATE_PENDING;
using Answer = Pending<v1::CreateReservationResponse>;

v1::ReservationState StateOf(const Answer& answer) {
  REQUIRE(answer.answered());
  REQUIRE((*answer).ok());
  return (*answer)->reservation().state();
}

TEST_CASE("reservation: a creation is answered PENDING with what was asked for") {
  Facade world;
  const auto request = world.NewRequest();
  const v1::Reservation made = world.Create(request).value();
  CHECK(made.state() == RESERVATION_STATE_PENDING);
  CHECK(made.request_id() == request.request_id());
  CHECK(made.user_id() == "ann");
  CHECK(made.event_id() == "hamlet");
  REQUIRE(made.seat_ids_size() == 2);
  CHECK(made.seat_ids(0) == "stalls/A/1");
  CHECK(made.seat_ids(1) == "stalls/A/2");
  CHECK(FromProto(made.create_time()) == world.test.wall());
  CHECK(FromProto(made.update_time()) == world.test.wall());
  CHECK(world.Get(IdOf(made)).SerializeAsString() == made.SerializeAsString());
}

TEST_CASE("reservation: the same request again is the same reservation, in and across batches") {
  Facade world;
  const auto request = world.NewRequest();
  const auto first = world.SendCreate(request);
  const auto second = world.SendCreate(request);
  world.test.Run();
  const Id id = IdOf((*first)->reservation());
  CHECK(IdOf((*second)->reservation()) == id);
  CHECK(IdOf(*world.Create(request)) == id);
  CHECK(world.CountPending() == 1);
  world.Restart();
  CHECK(IdOf(*world.Create(request)) == id);
  CHECK(IdOf(*world.Create(Waiting(request, 0))) == id);
  world.Do(Confirm(id));
  CHECK(IdOf(*world.Create(request)) == id);
}

TEST_CASE("reservation: an item's count of 1 is the same request as none") {
  Facade world;
  auto request = world.NewRequest();
  const Id id = IdOf(*world.Create(request));
  request.mutable_items(1)->set_count(1);
  CHECK(IdOf(*world.Create(request)) == id);
}

TEST_CASE("reservation: a reservation keeps what its caller calls it, and its labels") {
  Facade world;
  auto request = world.NewRequest();
  request.set_external_ref("order 17/a");
  auto& labels = *request.mutable_labels();
  labels["shop"] = "web = de";
  labels["a.b-c_1"] = "";
  const Id id = IdOf(*world.Create(request));
  world.Do(Confirm(id));
  world.Restart();
  v1::Reservation kept = world.Get(id);
  CHECK(kept.external_ref() == "order 17/a");
  REQUIRE(kept.labels_size() == 2);
  CHECK((*kept.mutable_labels())["shop"] == "web = de");
  CHECK(kept.labels().contains("a.b-c_1"));
  // A map has no order.
  auto again = request;
  again.clear_labels();
  for (const char* key : {"shop", "a.b-c_1"}) (*again.mutable_labels())[key] = labels[key];
  CHECK(IdOf(*world.Create(again)) == id);
}

TEST_CASE("reservation: a request_id with another body is an error that names the field") {
  Facade world;
  const auto request = world.NewRequest();
  const Id id = IdOf(*world.Create(request));
  auto other = request;
  SECTION("user") { other.set_user_id("bob"); }
  SECTION("event") { other.set_event_id("othello"); }
  SECTION("seats") { other.add_items()->set_seat("stalls/A/3"); }
  SECTION("the order of the seats") { other.mutable_items()->SwapElements(0, 1); }
  SECTION("payment token") { other.set_payment_token("tok_other"); }
  SECTION("external_ref") { other.set_external_ref("order-1"); }
  SECTION("a label") { (*other.mutable_labels())["shop"] = ""; }
  SECTION("mode") {
    other.clear_payment_token();
    other.set_mode(v1::RESERVATION_MODE_HOLD);
  }
  const absl::Status status = world.Create(other).status();
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  CHECK(ReasonOf(status) == "REQUEST_ID_REUSED");
  REQUIRE(FieldViolationsOf(status).size() == 1);
  CHECK(FieldViolationsOf(status)[0].first == "request_id");
  CHECK(world.CountPending() == 1);
  CHECK(world.Get(id).user_id() == "ann");
}

TEST_CASE("reservation: a request_id reused within one batch is an error too") {
  Facade world;
  auto request = world.NewRequest();
  const auto first = world.SendCreate(request);
  request.set_user_id("bob");
  const auto second = world.SendCreate(request);
  world.test.Run();
  CHECK((*first).ok());
  CHECK(ReasonOf((*second).status()) == "REQUEST_ID_REUSED");
}

TEST_CASE(
    "reservation: beyond the bound of PENDING ones creations are overloaded, retries are not") {
  Facade world(AnyEngine(), {.pending_max = 2});
  const auto request = world.NewRequest();
  const Id id = IdOf(*world.Create(request));
  world.CreateNew();
  const absl::Status status = world.Create(world.NewRequest()).status();
  CHECK(status.code() == absl::StatusCode::kResourceExhausted);
  CHECK(RetryDelayOf(status, absl::ZeroDuration()) > absl::ZeroDuration());
  CHECK(IdOf(*world.Create(request)) == id);
  world.Do(Cancel(id));
  CHECK(world.Create(world.NewRequest()).ok());
  world.Restart();
  CHECK(world.Create(world.NewRequest()).status().code() == absl::StatusCode::kResourceExhausted);
}

TEST_CASE("reservation: the bound of PENDING ones holds within a batch") {
  Facade world(AnyEngine(), {.pending_max = 2});
  const Id id = world.CreateNew();
  const auto cancelled = world.SendCommands({Cancel(id)});
  const Answer answers[] = {world.SendCreate(world.NewRequest()),
                            world.SendCreate(world.NewRequest()),
                            world.SendCreate(world.NewRequest())};
  world.test.Run();
  CHECK((*answers[0]).ok());
  CHECK((*answers[1]).ok());
  CHECK((*answers[2]).status().code() == absl::StatusCode::kResourceExhausted);
}

TEST_CASE("reservation: a waiting client is answered CONFIRMED once that is durable") {
  Facade world;
  const auto answer = world.SendCreate(Waiting(world.NewRequest(), 10));
  world.test.Run();
  REQUIRE_FALSE(answer.answered());
  const Id id = world.orchestrator.Ids(0).at(0);
  world.test.FailNextCommits(kProcess, 1, store::Committed::kNothing);
  const auto lost = world.SendCommands({Confirm(id)});
  world.test.Run();
  CHECK((*lost).status().code() == absl::StatusCode::kUnavailable);
  REQUIRE_FALSE(answer.answered());
  world.test.Advance(absl::Seconds(1));  // the store works again
  REQUIRE_FALSE(answer.answered());
  world.Do(Confirm(id, 4200));
  CHECK(StateOf(answer) == RESERVATION_STATE_CONFIRMED);
  CHECK((*answer)->reservation().price().amount_minor() == 4200);
  CHECK((*answer)->reservation().price().currency() == "EUR");
}

TEST_CASE("reservation: a waiting client is answered CANCELLED with the reason") {
  Facade world;
  const auto answer = world.SendCreate(Waiting(world.NewRequest(), 10));
  world.test.Run();
  world.Do(Cancel(world.orchestrator.Ids(0).at(0)));
  CHECK(StateOf(answer) == RESERVATION_STATE_CANCELLED);
  CHECK((*answer)->reservation().reason() == "PAYMENT_DECLINED");
  CHECK((*answer)->reservation().message() == "the bank said no");
}

TEST_CASE("reservation: a waiting client learns of a commit that ended in doubt") {
  Facade world;
  const auto answer = world.SendCreate(Waiting(world.NewRequest(), 10));
  world.test.Run();
  const bool applied = GENERATE(true, false);
  world.test.FailNextCommits(kProcess, 1, store::Committed::kInDoubt, applied);
  world.SendCommands({Confirm(world.orchestrator.Ids(0).at(0))});
  world.test.Run();
  CHECK_FALSE(answer.answered());
  world.test.Advance(absl::Seconds(1));
  CHECK(answer.answered() == applied);
  if (applied) CHECK(StateOf(answer) == RESERVATION_STATE_CONFIRMED);
}

TEST_CASE("reservation: at the end of its wait a client is answered PENDING") {
  Facade world;
  const auto answer = world.SendCreate(Waiting(world.NewRequest(), 3));
  world.test.Advance(absl::Milliseconds(2999));
  REQUIRE_FALSE(answer.answered());
  world.test.Advance(absl::Milliseconds(1));
  CHECK(StateOf(answer) == RESERVATION_STATE_PENDING);
}

TEST_CASE("reservation: a wait ends before the call's own deadline") {
  Facade world;
  const auto answer = world.SendCreate(Waiting(world.NewRequest(), 30), absl::Seconds(2));
  world.test.Advance(absl::Seconds(2) - kAnswerMargin - absl::Milliseconds(1));
  REQUIRE_FALSE(answer.answered());
  world.test.Advance(absl::Milliseconds(1));
  CHECK(StateOf(answer) == RESERVATION_STATE_PENDING);
}

TEST_CASE("reservation: a wait ends also while the store does not work") {
  store::ModelStores all;
  store::ModelProcess stores(all, store::ModelProcess::Writers::kOne);
  Facade world(stores);
  const auto answer = world.SendCreate(Waiting(world.NewRequest(), 3));
  world.test.Run();
  stores.faults().SetConnected(false);
  const auto lost = world.SendCommands({Confirm(world.orchestrator.Ids(0).at(0))});
  world.test.Advance(absl::Milliseconds(2999));
  CHECK((*lost).status().code() == absl::StatusCode::kUnavailable);
  REQUIRE_FALSE(answer.answered());
  world.test.Advance(absl::Milliseconds(501));  // the loop tries the store every half second
  CHECK(StateOf(answer) == RESERVATION_STATE_PENDING);
}

TEST_CASE("reservation: a step of the wall clock neither ends a wait nor prolongs it") {
  Facade world;
  const auto answer = world.SendCreate(Waiting(world.NewRequest(), 3));
  world.test.Run();
  world.test.StepWall(GENERATE(1, -1) * absl::Hours(1));
  world.test.Advance(absl::Milliseconds(2999));
  REQUIRE_FALSE(answer.answered());
  world.test.Advance(absl::Milliseconds(1));
  CHECK(StateOf(answer) == RESERVATION_STATE_PENDING);
}

TEST_CASE("reservation: a retry of a known request may wait too, and not for what is final") {
  Facade world;
  const auto request = world.NewRequest();
  const Id id = IdOf(*world.Create(request));
  const auto retry = world.SendCreate(Waiting(request, 10));
  world.SendCommands({Confirm(id)});  // in the same batch
  world.test.Run();
  CHECK(StateOf(retry) == RESERVATION_STATE_CONFIRMED);
  CHECK(world.Create(Waiting(request, 10))->state() == RESERVATION_STATE_CONFIRMED);
}

TEST_CASE("reservation: beyond the bound of waiting clients one is answered PENDING at once") {
  Facade world(AnyEngine(), {.waiters_max = 1});
  const auto first = world.SendCreate(Waiting(world.NewRequest(), 10));
  const auto second = world.SendCreate(Waiting(world.NewRequest(), 10));
  world.test.Run();
  CHECK_FALSE(first.answered());
  CHECK(StateOf(second) == RESERVATION_STATE_PENDING);
  world.SendCommands({Confirm(world.orchestrator.Ids(0).at(0))});
  const auto third = world.SendCreate(Waiting(world.NewRequest(), 10));  // in the same batch
  world.test.Run();
  CHECK_FALSE(third.answered());  // there is room again
}

TEST_CASE("reservation: for one reservation at most 16 clients wait") {
  Facade world;
  const auto request = Waiting(world.NewRequest(), 10);
  std::vector<Answer> answers;
  const bool in_one_batch = GENERATE(true, false);
  for (size_t i = 0; i <= Waiters::kPerReservationMax; ++i) {
    answers.push_back(world.SendCreate(request));
    if (!in_one_batch) world.test.Run();
  }
  world.test.Run();
  for (size_t i = 0; i < Waiters::kPerReservationMax; ++i) CHECK_FALSE(answers[i].answered());
  CHECK(StateOf(answers.back()) == RESERVATION_STATE_PENDING);
  world.Do(Confirm(world.orchestrator.Ids(0).at(0)));
  for (size_t i = 0; i < Waiters::kPerReservationMax; ++i) {
    CHECK(StateOf(answers[i]) == RESERVATION_STATE_CONFIRMED);
  }
}

TEST_CASE("reservation: when the process stops, waiting clients are answered PENDING") {
  Facade world;
  const auto answer = world.SendCreate(Waiting(world.NewRequest(), 10));
  world.test.Run();
  world.node->Stop(absl::Seconds(1));
  world.test.Run();
  CHECK(StateOf(answer) == RESERVATION_STATE_PENDING);
}

TEST_CASE(
    "reservation: a commit that fails acknowledges nothing, starts nothing, and can be repeated") {
  Facade world;
  const auto request = Waiting(world.NewRequest(), 10);
  world.test.FailNextCommits(kProcess, 1, store::Committed::kNothing);
  const auto lost = world.SendCreate(request);
  world.test.Run();
  CHECK((*lost).status().code() == absl::StatusCode::kUnavailable);
  CHECK(world.orchestrator.calls.empty());
  world.test.Advance(absl::Seconds(1));
  CHECK(world.CountPending() == 0);
  const auto again = world.SendCreate(request);
  world.test.Run();
  CHECK_FALSE(again.answered());
  CHECK(world.orchestrator.calls.size() == 1);
}

std::string BytesOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("reservation: no payment token is ever stored, sealed ones not once final") {
  const seatsaga::testing::TempDir folder;
  const std::string path = folder.File("reservations.db");
  sqlite::SqliteStores stores([&](std::string_view) { return path; });
  Facade world(stores);
  constexpr std::string_view kCanary = "tok_CANARY_4f1d";
  auto request = world.NewRequest();
  request.set_payment_token(std::string(kCanary));
  const Id id = IdOf(*world.Create(request));
  const auto& sealed =
      world.orchestrator.calls.at(0).sagas(0).data().reservation().sealed_payment_token();
  CHECK(world.sealer.Open(sealed, id).value() == kCanary);
  const std::string bytes = BytesOf(path) + BytesOf(path + "-wal");
  CHECK(bytes.find("CANARY") == std::string::npos);
  // The files do hold what is not secret, so the scan would have found the token.
  CHECK(bytes.find("hamlet") != std::string::npos);
  CHECK(bytes.find(sealed) != std::string::npos);

  REQUIRE(world.Do(Confirm(id)).outcome() == saga::v1::OUTCOME_SUCCEEDED);
  world.node->Stop(absl::Seconds(1));
  world.node.reset();
  const auto store = stores.Open(kSchema).value();
  std::optional<ReservationRow> stored;
  REQUIRE(
      store->Query([&](store::Snapshot& snapshot) { stored = snapshot.Find(kReservations, id); })
          .ok());
  CHECK(stored->state == State::kConfirmed);
  CHECK(stored->sealed_token.empty());
}

}  // namespace
}  // namespace seatsaga::reservation::testing
