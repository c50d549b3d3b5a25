// Making a reservation: idempotent, durable, bounded; and waiting for what becomes of it.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "common/errors.h"
#include "tests/unit/reservation_svc/world.h"

namespace seatsaga::reservation {
namespace {

std::string BytesOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("reservation: a creation is answered PENDING with what was asked for") {
  ReservationWorld world;
  const auto request = world.NewRequest();
  const Reservation made = world.Create(request).value();
  CHECK(made.state == State::kPending);
  CHECK(made.request_id.ToString() == request.request_id());
  CHECK(made.user_id == "ann");
  CHECK(made.event_id == "hamlet");
  CHECK(made.seats == "stalls/A/1\nstalls/A/2");
  CHECK(made.create_time == world.now);
  CHECK(made.update_time == world.now);
}

TEST_CASE("reservation: the same request again is the same reservation, in and across batches") {
  ReservationWorld world;
  const auto request = world.NewRequest();
  const auto first = world.SendCreate(request);
  const auto second = world.SendCreate(request);
  REQUIRE(world.Run().ok());
  const Id id = first->value()->id;
  CHECK(second->value()->id == id);
  CHECK(world.Create(request)->id == id);
  CHECK(world.book->pending() == 1);
  world.Reopen();
  CHECK(world.Create(request)->id == id);
  CHECK(world.Create(ReservationWorld::Waiting(request, 0))->id == id);
}

TEST_CASE("reservation: a request_id with another body is an error that names the field") {
  ReservationWorld world;
  const auto request = world.NewRequest();
  const Id id = world.Create(request)->id;
  auto other = request;
  SECTION("user") { other.set_user_id("bob"); }
  SECTION("event") { other.set_event_id("othello"); }
  SECTION("seats") { other.add_seat_ids("stalls/A/3"); }
  SECTION("payment token") { other.set_payment_token("tok_other"); }
  const absl::Status status = world.Create(other).status();
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  CHECK(ReasonOf(status) == "REQUEST_ID_REUSED");
  REQUIRE(FieldViolationsOf(status).size() == 1);
  CHECK(FieldViolationsOf(status)[0].first == "request_id");
  CHECK(world.book->pending() == 1);
  CHECK(world.Stored(id).reservation.user_id == "ann");
}

TEST_CASE("reservation: a request_id reused within one batch is an error too") {
  ReservationWorld world;
  auto request = world.NewRequest();
  const auto first = world.SendCreate(request);
  request.set_user_id("bob");
  const auto second = world.SendCreate(request);
  REQUIRE(world.Run().ok());
  CHECK(first->value().ok());
  CHECK(ReasonOf(second->value().status()) == "REQUEST_ID_REUSED");
}

TEST_CASE(
    "reservation: beyond the bound of PENDING ones creations are overloaded, retries are not") {
  ReservationWorld world({.pending_max = 2});
  const auto request = world.NewRequest();
  const Id id = world.Create(request)->id;
  world.CreateNew();
  const absl::Status status = world.Create(world.NewRequest()).status();
  CHECK(status.code() == absl::StatusCode::kResourceExhausted);
  CHECK(RetryDelayOf(status, absl::ZeroDuration()) > absl::ZeroDuration());
  CHECK(world.Create(request)->id == id);
  world.Do(ReservationWorld::Cancel(id));
  CHECK(world.Create(world.NewRequest()).ok());
  world.Reopen();
  CHECK(world.Create(world.NewRequest()).status().code() == absl::StatusCode::kResourceExhausted);
}

TEST_CASE("reservation: a waiting client is answered CONFIRMED once that is durable") {
  ReservationWorld world;
  const auto answer = world.SendCreate(ReservationWorld::Waiting(world.NewRequest(), 10));
  REQUIRE(world.Run().ok());
  REQUIRE_FALSE(answer->has_value());
  world.Do(ReservationWorld::Confirm(world.orchestrator.calls.at(0).sagas.at(0).id, 4200));
  REQUIRE(answer->has_value());
  CHECK(answer->value()->state == State::kConfirmed);
  CHECK(answer->value()->price == Money{4200, "EUR"});
  CHECK(world.book->NextWake() == absl::InfiniteFuture());
}

TEST_CASE("reservation: a waiting client is answered CANCELLED with the reason") {
  ReservationWorld world;
  const auto answer = world.SendCreate(ReservationWorld::Waiting(world.NewRequest(), 10));
  REQUIRE(world.Run().ok());
  world.Do(ReservationWorld::Cancel(world.orchestrator.calls.at(0).sagas.at(0).id));
  REQUIRE(answer->has_value());
  CHECK(answer->value()->state == State::kCancelled);
  CHECK(answer->value()->reason == "PAYMENT_DECLINED");
  CHECK(answer->value()->message == "the bank said no");
}

TEST_CASE("reservation: at the end of its wait a client is answered PENDING") {
  ReservationWorld world;
  const absl::Time start = world.now;
  const auto answer = world.SendCreate(ReservationWorld::Waiting(world.NewRequest(), 3));
  REQUIRE(world.Run().ok());
  world.SendResult({.call = 1, .answered = true, .started = IdsOf(world.orchestrator.calls.at(0))});
  REQUIRE(world.Run().ok());
  REQUIRE(world.book->NextWake() == start + absl::Seconds(3));
  world.RunAtNextWake();
  REQUIRE(answer->has_value());
  CHECK(answer->value()->state == State::kPending);
}

TEST_CASE("reservation: a wait ends before the call's own deadline") {
  ReservationWorld world;
  const absl::Time start = world.now;
  const auto answer =
      world.SendCreate(ReservationWorld::Waiting(world.NewRequest(), 30), absl::Seconds(2));
  REQUIRE(world.Run().ok());
  world.SendResult({.call = 1, .answered = true, .started = IdsOf(world.orchestrator.calls.at(0))});
  REQUIRE(world.Run().ok());
  CHECK(world.book->NextWake() == start + absl::Seconds(2) - kAnswerMargin);
}

TEST_CASE("reservation: a retry of a known request may wait too, and not for what is final") {
  ReservationWorld world;
  const auto request = world.NewRequest();
  const Id id = world.Create(request)->id;
  const auto retry = world.SendCreate(ReservationWorld::Waiting(request, 10));
  const auto confirmed = world.SendCommands({ReservationWorld::Confirm(id)});  // in the same batch
  REQUIRE(world.Run().ok());
  REQUIRE(retry->has_value());
  CHECK(retry->value()->state == State::kConfirmed);
  CHECK(world.Create(ReservationWorld::Waiting(request, 10))->state == State::kConfirmed);
}

TEST_CASE("reservation: beyond the bound of waiting clients one is answered PENDING at once") {
  ReservationWorld world({.waiters_max = 1});
  const auto first = world.SendCreate(ReservationWorld::Waiting(world.NewRequest(), 10));
  const auto second = world.SendCreate(ReservationWorld::Waiting(world.NewRequest(), 10));
  REQUIRE(world.Run().ok());
  CHECK_FALSE(first->has_value());
  REQUIRE(second->has_value());
  CHECK(second->value()->state == State::kPending);
}

TEST_CASE("reservation: when the process stops, waiting clients are answered PENDING") {
  ReservationWorld world;
  const auto answer = world.SendCreate(ReservationWorld::Waiting(world.NewRequest(), 10));
  REQUIRE(world.Run().ok());
  world.book->AnswerWaiters();
  REQUIRE(answer->has_value());
  CHECK(answer->value()->state == State::kPending);
}

TEST_CASE(
    "reservation: a commit that fails acknowledges nothing, starts nothing, and can be repeated") {
  ReservationWorld world;
  const auto request = ReservationWorld::Waiting(world.NewRequest(), 10);
  world.fail_commit = true;
  const auto lost = world.SendCreate(request);
  CHECK_FALSE(world.Run().ok());
  CHECK(lost->value().status().code() == absl::StatusCode::kUnavailable);
  CHECK(world.orchestrator.calls.empty());
  world.Load();
  CHECK(world.book->pending() == 0);
  const auto again = world.SendCreate(request);
  REQUIRE(world.Run().ok());
  CHECK_FALSE(again->has_value());
  CHECK(world.orchestrator.calls.size() == 1);
}

TEST_CASE("reservation: no payment token ever stands in the database, sealed ones not once final") {
  ReservationWorld world;
  constexpr std::string_view kCanary = "tok_CANARY_4f1d";
  auto request = world.NewRequest();
  request.set_payment_token(std::string(kCanary));
  const Id id = world.Create(request)->id;
  CHECK(world.sealer.Open(world.Stored(id).sealed_token, id).value() == kCanary);
  for (const char* suffix : {"", "-wal"}) {
    const std::string bytes = BytesOf(world.database_path + suffix);
    CHECK(bytes.size() > 0);
    CHECK(bytes.find(kCanary) == std::string::npos);
    CHECK(bytes.find("CANARY") == std::string::npos);
  }
  // The file does hold what is not secret, so the scan would have found the token.
  CHECK((BytesOf(world.database_path) + BytesOf(world.database_path + "-wal")).find("hamlet") !=
        std::string::npos);
  world.Do(ReservationWorld::Confirm(id));
  CHECK(world.Stored(id).sealed_token.empty());
}

}  // namespace
}  // namespace seatsaga::reservation
