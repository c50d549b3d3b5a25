// Holding seats longer: its saga decides, and only what it has agreed to is stored.
#include <catch2/catch.hpp>

#include "reservation_svc/reservation_errors.h"
#include "tests/unit/reservation_svc/facade.h"

namespace seatsaga::reservation::testing {
namespace {

using saga::v1::OUTCOME_INVALID;
using saga::v1::OUTCOME_REFUSED;
using saga::v1::OUTCOME_SUCCEEDED;
using saga::v1::OUTCOME_UNKNOWN;

constexpr absl::Duration kHold = absl::Minutes(15);
constexpr absl::Duration kLonger = absl::Minutes(40);

absl::Time ExpiryOf(Facade& world, const Id& id) { return FromProto(world.Get(id).expire_time()); }

TEST_CASE("reservation extend: once its saga has agreed, the hold lasts longer") {
  Facade world;
  const Id id = world.HoldNew(kHold);
  const std::string etag = world.Get(id).etag();
  world.test.Advance(absl::Minutes(5));
  const absl::Time until = world.test.wall() + kLonger;
  const auto answer = world.SendExtend(Facade::NewExtension(id, kLonger));
  world.test.Run();
  REQUIRE_FALSE(answer.answered());
  const auto& signal = world.orchestrator.SignalOf(0);
  CHECK(signal.saga_id() == id.ToString());
  CHECK(FromProto(signal.extend_hold().hold_duration()) == kLonger);
  CHECK(ExpiryOf(world, id) == until - kLonger + kHold - absl::Minutes(5));  // not yet

  world.orchestrator.AnswerSignals(0, OUTCOME_SUCCEEDED);
  REQUIRE(answer.answered());
  CHECK(FromProto((*answer)->reservation().expire_time()) == until);
  CHECK((*answer)->reservation().state() == v1::RESERVATION_STATE_HELD);
  CHECK((*answer)->reservation().etag() != etag);
  world.Restart();
  CHECK(ExpiryOf(world, id) == until);
  CHECK(world.orchestrator.signal_calls.size() == 1);
}

TEST_CASE("reservation extend: a hold never becomes shorter") {
  Facade world;
  const Id id = world.HoldNew(kHold);
  const std::string before = world.Get(id).SerializeAsString();
  const auto answer = world.SendExtend(Facade::NewExtension(id, kHold - absl::Minutes(1)));
  world.test.Run();
  world.orchestrator.AnswerSignals(0, OUTCOME_SUCCEEDED);
  REQUIRE(answer.answered());
  CHECK((*answer)->reservation().SerializeAsString() == before);
}

TEST_CASE("reservation extend: of two extensions the longer one stays, whichever ends last") {
  Facade world;
  const Id id = world.HoldNew(kHold);
  const auto longer = world.SendExtend(Facade::NewExtension(id, kLonger));
  const auto shorter = world.SendExtend(Facade::NewExtension(id, kLonger - absl::Minutes(5)));
  world.test.Run();
  const bool longer_first = GENERATE(true, false);
  world.orchestrator.AnswerSignals(longer_first ? 0 : 1, OUTCOME_SUCCEEDED);
  world.orchestrator.AnswerSignals(longer_first ? 1 : 0, OUTCOME_SUCCEEDED);
  REQUIRE(longer.answered());
  REQUIRE(shorter.answered());
  CHECK(FromProto((*longer)->reservation().expire_time()) == ExpiryOf(world, id));
  CHECK(ExpiryOf(world, id) > world.test.wall() + kLonger - absl::Minutes(1));
}

TEST_CASE("reservation extend: if its saga refuses, it is told what has become of the hold") {
  Facade world;
  const Id id = world.HoldNew();
  const auto answer = world.SendExtend(Facade::NewExtension(id, kLonger));
  world.test.Run();
  std::string_view reason;
  SECTION("its command has not come yet") { reason = "HOLD_ENDED"; }
  SECTION("it has expired") {
    world.Do(Cancel(id, "HOLD_EXPIRED"));
    reason = kHoldExpired;
  }
  SECTION("it was cancelled") {
    REQUIRE(world.CancelNow(world.NewCancellation(id)).ok());
    reason = kReservationCancelled;
  }
  SECTION("it is being paid for") {
    REQUIRE(world.Pay(world.NewPayment(id)).ok());
    reason = "PAYMENT_UNDER_WAY";
  }
  REQUIRE_FALSE(answer.answered());
  const std::string before = world.Get(id).SerializeAsString();
  world.orchestrator.AnswerSignals(0, OUTCOME_REFUSED);
  REQUIRE(answer.answered());
  CHECK((*answer).status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(ReasonOf((*answer).status()) == reason);
  CHECK(world.Get(id).SerializeAsString() == before);
}

TEST_CASE("reservation extend: agreed to, but over before that is known here") {
  Facade world;
  const Id id = world.HoldNew();
  const absl::Time expiry = ExpiryOf(world, id);
  const auto answer = world.SendExtend(Facade::NewExtension(id, kLonger));
  world.test.Run();
  SECTION("it was cancelled") {
    REQUIRE(world.CancelNow(world.NewCancellation(id)).ok());
    world.orchestrator.AnswerSignals(0, OUTCOME_SUCCEEDED);
    CHECK(ReasonOf((*answer).status()) == kReservationCancelled);
    CHECK(ExpiryOf(world, id) == expiry);
  }
  SECTION("it is being paid for, and may come back") {
    REQUIRE(world.Pay(world.NewPayment(id)).ok());
    world.orchestrator.AnswerSignals(0, OUTCOME_SUCCEEDED);
    REQUIRE((*answer).ok());
    CHECK((*answer)->reservation().state() == v1::RESERVATION_STATE_PENDING);
    CHECK(ExpiryOf(world, id) > expiry);
  }
}

TEST_CASE("reservation extend: without a usable answer nobody knows, and it can be repeated") {
  Facade world;
  const Id id = world.HoldNew();
  const std::string before = world.Get(id).SerializeAsString();
  const auto answer = world.SendExtend(Facade::NewExtension(id, kLonger));
  world.test.Run();
  SECTION("not possible yet") { world.orchestrator.AnswerSignals(0, OUTCOME_UNKNOWN); }
  SECTION("not a saga that can") { world.orchestrator.AnswerSignals(0, OUTCOME_INVALID); }
  SECTION("no result") { world.orchestrator.AnswerNoSignal(0); }
  SECTION("an error") { world.orchestrator.FailSignals(0); }
  SECTION("no answer in time") {
    world.test.Advance(kExtendWaitMax - absl::Milliseconds(1));
    REQUIRE_FALSE(answer.answered());
    world.test.Advance(absl::Milliseconds(2));
  }
  REQUIRE(answer.answered());
  CHECK((*answer).status().code() == absl::StatusCode::kUnavailable);
  CHECK(world.Get(id).SerializeAsString() == before);
  world.test.Advance(absl::Hours(1));
  CHECK(world.orchestrator.signal_calls.size() == 1);  // it is the client who repeats it
  const auto again = world.SendExtend(Facade::NewExtension(id, kLonger));
  world.test.Run();
  world.orchestrator.AnswerSignals(1, OUTCOME_SUCCEEDED);
  CHECK((*again).ok());
}

TEST_CASE("reservation extend: the answer comes before the call's own deadline") {
  Facade world;
  const Id id = world.HoldNew();
  const auto answer = world.SendExtend(Facade::NewExtension(id, kLonger), absl::Seconds(2));
  world.test.Advance(absl::Seconds(2) - kAnswerMargin + absl::Milliseconds(1));
  REQUIRE(answer.answered());
  CHECK((*answer).status().code() == absl::StatusCode::kUnavailable);
}

TEST_CASE("reservation extend: a commit that fails leaves no client waiting") {
  Facade world(AnyEngine(), {.extending_max = 1});
  const Id id = world.HoldNew();
  const auto answer = world.SendExtend(Facade::NewExtension(id, kLonger));
  world.test.Run();
  SECTION("the commit of the result") {
    world.test.FailNextCommits(kProcess, 1, store::Committed::kNothing);
    world.orchestrator.AnswerSignals(0, OUTCOME_SUCCEEDED);
  }
  SECTION("one before the result") {
    world.test.FailNextCommits(kProcess, 1, store::Committed::kNothing);
    world.SendCreate(world.NewRequest());
  }
  world.test.Advance(absl::Seconds(1));
  REQUIRE(answer.answered());
  CHECK((*answer).status().code() == absl::StatusCode::kUnavailable);
  if (world.orchestrator.SignalPending(0)) {
    world.orchestrator.AnswerSignals(0, OUTCOME_SUCCEEDED);  // late, but true
    CHECK(ExpiryOf(world, id) > world.test.wall() + kHold);
  }
  const auto again = world.SendExtend(Facade::NewExtension(id, kLonger + absl::Minutes(1)));
  world.test.Run();
  CHECK_FALSE(again.answered());  // there is room again
}

TEST_CASE("reservation extend: when the process stops, nobody is left waiting") {
  Facade world;
  const Id id = world.HoldNew();
  const auto answer = world.SendExtend(Facade::NewExtension(id, kLonger));
  world.test.Run();
  world.node->Stop(absl::Seconds(1));
  world.test.Run();
  REQUIRE(answer.answered());
  CHECK((*answer).status().code() == absl::StatusCode::kUnavailable);
}

TEST_CASE("reservation extend: those under way are bounded") {
  Facade world(AnyEngine(), {.extending_max = 1});
  const Id id = world.HoldNew();
  const auto first = world.SendExtend(Facade::NewExtension(id, kLonger));
  if (GENERATE(true, false)) world.test.Run();  // in one batch, or in two
  const auto second = world.SendExtend(Facade::NewExtension(id, kLonger));
  world.test.Run();
  CHECK((*second).status().code() == absl::StatusCode::kResourceExhausted);
  world.orchestrator.AnswerSignals(0, OUTCOME_SUCCEEDED);
  CHECK((*first).ok());
  const auto third = world.SendExtend(Facade::NewExtension(id, kLonger + absl::Minutes(1)));
  world.test.Run();
  CHECK_FALSE(third.answered());  // there is room again
}

TEST_CASE("reservation extend: it races with the cancellation, which wins in the end") {
  Facade world;
  const Id id = world.HoldNew();
  const bool cancel_first = GENERATE(true, false);
  const bool in_one_batch = GENERATE(true, false);
  const auto cancel = [&] { return world.SendCancel(world.NewCancellation(id)); };
  const auto extend = [&] { return world.SendExtend(Facade::NewExtension(id, kLonger)); };
  if (cancel_first) {
    const auto cancelled = cancel();
    if (!in_one_batch) world.test.Run();
    const auto extended = extend();
    world.test.Run();
    CHECK((*cancelled).ok());
    CHECK(ReasonOf((*extended).status()) == kReservationCancelled);
  } else {
    const auto extended = extend();
    if (!in_one_batch) world.test.Run();
    const auto cancelled = cancel();
    world.test.Run();
    CHECK((*cancelled).ok());
    REQUIRE(world.orchestrator.signal_calls.size() == 2);
    CHECK(world.orchestrator.SignalOf(0).has_extend_hold());
    world.orchestrator.AnswerSignals(0, OUTCOME_REFUSED);
    CHECK(ReasonOf((*extended).status()) == kReservationCancelled);
  }
  CHECK(world.StateOf(id) == v1::RESERVATION_STATE_CANCELLING);
  CHECK(world.orchestrator.signal_calls.back().signals(0).has_cancel());
}

}  // namespace
}  // namespace seatsaga::reservation::testing
