// Which domain events each story of a reservation gives.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/errors.h"
#include "tests/unit/orchestrator/world/orchestrator_world.h"
#include "tests/unit/world/event_reader.h"

namespace seatsaga {
namespace {

using testing::Engine;
using testing::EventReader;
using testing::kOrchestrator;
using testing::OrchestratorWorld;
using testing::SagaId;
using Names = std::vector<std::string>;

const Id kA = SagaId('a');

const Names kPaidNow{"SeatReservationRequested", "SeatReserved", "PaymentRequested",
                     "PaymentCaptured", "ReservationConfirmed"};

struct Watched : OrchestratorWorld {
  explicit Watched(Engine engine = Engine::kModel) : OrchestratorWorld(engine) {
    Boot();
    reader.Open();
  }
  Names Told() { return reader.Of(kA); }
  void StartToCharge() {
    Start(kA);
    SucceedUntil("charge_payment");
  }
  void HoldIt() {
    StartHold(kA);
    while (StateOf(kA) != orchestrator::v1::SAGA_STATE_WAITING) Succeed();
  }
  void Captured() { Answer(Succeeded(4500, "EUR")); }

  EventReader reader{test};
};

Names Plus(Names names, const Names& more) {
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

TEST_CASE("a reservation that is paid for at once tells what becomes of seats and money") {
  Watched world(GENERATE(Engine::kModel, Engine::kSqlite));
  world.StartToCharge();
  world.Captured();
  world.SucceedToTheEnd();
  REQUIRE(world.Told() == kPaidNow);
}

TEST_CASE("a hold tells that it is held, and then of its payment") {
  Watched world;
  world.HoldIt();
  REQUIRE(world.Told() == Names{"SeatReservationRequested", "SeatReserved", "ReservationHeld"});
  world.Submit(world.Payment(kA));
  world.SucceedToTheEnd();
  REQUIRE(world.Told() == Names{"SeatReservationRequested", "SeatReserved", "ReservationHeld",
                                "PaymentRequested", "PaymentCaptured", "ReservationConfirmed"});
}

TEST_CASE("a hold that expires says so, and then that everything is undone") {
  Watched world;
  world.HoldIt();
  world.test.Advance(absl::Minutes(9));
  world.PassTime();
  world.SucceedToTheEnd();
  REQUIRE(world.Told() == Names{"SeatReservationRequested", "SeatReserved", "ReservationHeld",
                                "HoldExpired", "SeatReleased", "ReservationCancelled"});
  REQUIRE(world.reader.Last("ReservationCancelled").data().reason() == "HOLD_EXPIRED");
}

TEST_CASE("a hold whose first card is declined tells of both") {
  Watched world;
  world.HoldIt();
  world.Submit(world.Payment(kA));
  world.Refuse("PAYMENT_DECLINED");
  while (world.StateOf(kA) != orchestrator::v1::SAGA_STATE_WAITING) world.Succeed();
  world.Submit(world.Payment(kA, 2));
  world.SucceedToTheEnd();
  REQUIRE(world.Told() == Names{"SeatReservationRequested", "SeatReserved", "ReservationHeld",
                                "PaymentRequested", "PaymentFailed", "ReservationHeld",
                                "PaymentRequested", "PaymentCaptured", "ReservationConfirmed"});
  REQUIRE(world.reader.Last("PaymentFailed").data().reason() == "PAYMENT_DECLINED");
  REQUIRE(world.reader.Last("PaymentFailed").data().round() == 1);
  REQUIRE(world.reader.Last("PaymentCaptured").data().round() == 2);
}

TEST_CASE("seats that are not available fail, and nothing is released") {
  Watched world;
  world.Start(kA);
  world.Refuse("SEAT_NOT_AVAILABLE");
  world.SucceedToTheEnd();
  REQUIRE(world.Told() ==
          Names{"SeatReservationRequested", "SeatReservationFailed", "ReservationCancelled"});
  REQUIRE(world.reader.Last("SeatReservationFailed").data().reason() == "SEAT_NOT_AVAILABLE");
}

TEST_CASE("a declined charge releases the seats, and nothing is refunded") {
  Watched world;
  world.StartToCharge();
  world.Refuse("PAYMENT_DECLINED");
  world.SucceedToTheEnd();
  REQUIRE(world.Told() == Names{"SeatReservationRequested", "SeatReserved", "PaymentRequested",
                                "PaymentFailed", "SeatReleased", "ReservationCancelled"});
  REQUIRE(world.reader.Last("ReservationCancelled").data().reason() == "PAYMENT_DECLINED");
}

// The participant says what it paid back; of a charge that never was it says nothing.
TEST_CASE(
    "a charge whose outcome stays unknown has failed, and only money that moved is refunded") {
  const bool was_charged = GENERATE(true, false);
  Watched world;
  world.options.limits.attempts_max = 1;
  world.Crash();
  world.Boot();
  world.reader.Open();
  world.StartToCharge();
  world.Unknown();
  REQUIRE(world.LastCall() == "refund_payment");
  was_charged ? world.Captured() : world.Answer(Succeeded());
  world.SucceedToTheEnd();
  Names expected{"SeatReservationRequested", "SeatReserved", "PaymentRequested", "PaymentFailed"};
  if (was_charged) expected.emplace_back("PaymentRefunded");
  REQUIRE(world.Told() == Plus(expected, {"SeatReleased", "ReservationCancelled"}));
  REQUIRE(world.reader.Last("PaymentFailed").data().reason() == "OUTCOME_UNKNOWN");
}

TEST_CASE("a cancellation after the confirmation is told in the order in which it is undone") {
  Watched world;
  world.StartToCharge();
  world.SucceedToTheEnd();
  world.Submit(world.Cancellation(kA));
  REQUIRE(world.LastCall() == "refund_payment");
  world.Answer(Succeeded(4000, "EUR"));
  world.SucceedToTheEnd();
  REQUIRE(world.Told() ==
          Plus(kPaidNow, {"PaymentRefunded", "SeatReleased", "ReservationCancelled"}));
  const auto& refunded = world.reader.Last("PaymentRefunded").data();
  REQUIRE(refunded.amount().amount_minor() == 4000);
  REQUIRE(refunded.price().amount_minor() == 4500);
  REQUIRE(refunded.reason() == "CANCELLED_BY_CLIENT");
}

TEST_CASE("attempts that are repeated tell nothing again") {
  Watched world(GENERATE(Engine::kModel, Engine::kSqlite));
  world.Start(kA);
  for (int i = 0; i < 3; ++i) {
    world.Unknown();
    world.PassTime();
  }
  world.Succeed();
  world.Unknown();
  world.PassTime();
  REQUIRE(world.LastCall() == "probe_payment");
  world.Captured();
  world.Unknown();
  world.PassTime();
  world.SucceedToTheEnd();
  REQUIRE(world.Told() == kPaidNow);
}

TEST_CASE("crashes tell nothing again, and lose nothing") {
  Watched world(GENERATE(Engine::kModel, Engine::kSqlite));
  world.Start(kA);
  for (int i = 0; i < 3; ++i) {
    world.Crash();
    world.Boot();
    world.reader.Open();
    world.Succeed();
  }
  world.SucceedToTheEnd();
  REQUIRE(world.Told() == kPaidNow);
}

TEST_CASE("what a failed commit told is told once, when it is durable") {
  const auto how = GENERATE(store::Committed::kNothing, store::Committed::kInDoubt);
  const bool applied = how == store::Committed::kInDoubt && GENERATE(true, false);
  Watched world;
  world.Start(kA);
  world.test.FailNextCommits(kOrchestrator, 1, how, applied);
  world.Succeed();
  REQUIRE(world.Told().size() == 1);  // until it is known
  world.PassTime();
  world.SucceedToTheEnd();
  REQUIRE(world.Told() == kPaidNow);
}

TEST_CASE("an event says what was true when it happened, not what came later") {
  Watched world;
  world.StartToCharge();
  world.Captured();
  world.SucceedToTheEnd();
  world.Submit(world.Cancellation(kA));
  world.SucceedToTheEnd();
  EventReader late(world.test);
  late.Open();
  const auto& requested = late.Last("SeatReservationRequested");
  CHECK(requested.id() == Cat(requested.partition(), "-1"));
  CHECK(requested.partition() == 'a');
  CHECK(requested.specversion() == "1.0");
  CHECK(requested.source().starts_with("/seatsaga/orchestrator/"));
  CHECK(requested.subject() == kA.ToString());
  CHECK(requested.has_time());
  CHECK(requested.data().saga_id() == kA.ToString());
  CHECK(requested.data().reservation_id() == kA.ToString());
  CHECK(requested.data().user_id() == "ada");
  CHECK(requested.data().event_id() == "hamlet");
  CHECK(requested.data().seat_ids_size() == 1);
  CHECK_FALSE(requested.data().has_price());
  CHECK(late.Last("SeatReserved").data().price().amount_minor() == 4500);
  CHECK(late.Last("SeatReserved").data().reason().empty());
  CHECK_FALSE(late.Last("SeatReserved").data().has_amount());
  CHECK(late.Last("PaymentCaptured").data().amount().amount_minor() == 4500);
  CHECK(late.Last("ReservationConfirmed").data().reason().empty());
  CHECK(late.Last("ReservationCancelled").data().reason() == "CANCELLED_BY_CLIENT");
  for (const auto& event : late.events) {
    CHECK(event.DebugString().find("sealed") == std::string::npos);
  }
}

TEST_CASE("a hold tells when it expires, as it was then") {
  Watched world;
  world.HoldIt();
  const absl::Time expiry = FromProto(*world.Get(kA).mutable_due_time());
  world.Submit(world.Extension(kA, absl::Minutes(30)));
  REQUIRE(FromProto(world.reader.Last("ReservationHeld").data().expire_time()) == expiry);
}

}  // namespace
}  // namespace seatsaga
