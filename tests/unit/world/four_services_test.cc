// The four real nodes in one thread: a wire in memory, a clock moved by hand, no socket, no sleep.
// What the seams are for.
#include "tests/unit/world/four_services.h"

#include <catch2/catch.hpp>
#include <string>

namespace seatsaga::testing {
namespace {

using reservation::v1::RESERVATION_STATE_CANCELLED;
using reservation::v1::RESERVATION_STATE_CONFIRMED;

TEST_CASE("four services in one thread: a reservation is confirmed, with its seat and its charge") {
  const Engine engine = GENERATE(Engine::kSqlite, Engine::kModel);
  FourServices whole(engine);
  const auto answer = whole.Reserve("stalls/A/12", "tok_visa");
  whole.world.Advance(absl::Seconds(5));
  REQUIRE(answer.answered());
  REQUIRE(answer->ok());
  const auto& reservation = (*answer)->reservation();
  CHECK(reservation.state() == RESERVATION_STATE_CONFIRMED);
  CHECK(reservation.price().amount_minor() == 4500);
  CHECK(whole.Seat("stalls/A/12") == reservation.reservation_id());
  CHECK(whole.Held() == 4500);
  whole.world.Advance(absl::Seconds(1));  // nobody waits for the saga's end
  CHECK(whole.Saga(reservation.reservation_id()).state() == orchestrator::v1::SAGA_STATE_COMPLETED);
}

TEST_CASE("four services in one thread: a declined card frees the seat and moves no money") {
  const Engine engine = GENERATE(Engine::kSqlite, Engine::kModel);
  FourServices whole(engine);
  const auto answer = whole.Reserve("stalls/A/12", "tok_declined");
  whole.world.Advance(absl::Seconds(5));
  REQUIRE(answer.answered());
  REQUIRE(answer->ok());
  const auto& reservation = (*answer)->reservation();
  CHECK(reservation.state() == RESERVATION_STATE_CANCELLED);
  CHECK(reservation.reason() == "PAYMENT_DECLINED");
  CHECK(whole.Seat("stalls/A/12") == "AVAILABLE");
  CHECK(whole.Held() == 0);
}

TEST_CASE("four services in one thread: a saga goes on after its orchestrator crashed, once") {
  const Engine engine = GENERATE(Engine::kSqlite, Engine::kModel);
  FourServices whole(engine);
  // The charge has its effect, and its answer never arrives.
  whole.world.Hold("orchestrator", "payment_svc", Leg::kAnswer);
  const auto answer = whole.Reserve("stalls/A/12", "tok_visa");
  whole.world.Advance(absl::Milliseconds(200));
  CHECK(whole.Held() == 4500);
  CHECK_FALSE(answer.answered());
  whole.CrashOrchestrator();
  whole.world.Release("orchestrator", "payment_svc");
  whole.world.Advance(absl::Seconds(2));
  CHECK_FALSE(answer.answered());

  whole.StartOrchestrator();
  whole.world.Advance(absl::Seconds(10));
  REQUIRE(answer.answered());
  REQUIRE(answer->ok());
  const auto& reservation = (*answer)->reservation();
  CHECK(reservation.state() == RESERVATION_STATE_CONFIRMED);
  CHECK(whole.Seat("stalls/A/12") == reservation.reservation_id());
  CHECK(whole.Held() == 4500);
  const auto saga = whole.Saga(reservation.reservation_id());
  int charges = 0;
  for (const auto& entry : saga.history()) {
    if (entry.step() == "charge_payment" && entry.outcome() == saga::v1::OUTCOME_SUCCEEDED) {
      ++charges;
      CHECK(entry.result().amount().amount_minor() == 4500);
      CHECK_FALSE(entry.result().provider_reference().empty());
    }
  }
  CHECK(charges == 1);
}

TEST_CASE("four services in one thread: every run is the same") {
  const auto run = [] {
    FourServices whole(Engine::kModel);
    const auto first = whole.Reserve("stalls/A/1", "tok_visa");
    const auto second = whole.Reserve("stalls/A/1", "tok_flaky_2");
    whole.world.Advance(absl::Seconds(20));
    std::string trace;
    for (const CallRecord& call : whole.world.calls()) {
      trace += call.from + " " + call.to + " " + call.method + "\n";
    }
    return trace + (*first)->reservation().DebugString() + (*second)->reservation().DebugString();
  };
  const std::string once = run();
  CHECK(once == run());
  CHECK(once.find("ExecutePaymentCommands") != std::string::npos);
}

}  // namespace
}  // namespace seatsaga::testing
