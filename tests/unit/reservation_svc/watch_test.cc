#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/store/model.h"
#include "reservation_svc/reservation_errors.h"
#include "tests/support/hooked_stores.h"
#include "tests/unit/reservation_svc/facade.h"

namespace seatsaga::reservation::testing {
namespace {

using seatsaga::testing::CallOptions;
using seatsaga::testing::HookedStores;
using seatsaga::testing::Leg;
using Watching = seatsaga::testing::Received<v1::WatchReservationResponse>;
using States = std::vector<std::string>;

Watching Watch(TestWorld& test, const std::string& reservation_id, bool until_cancelled = false,
               CallOptions options = {.deadline = absl::Hours(24)}) {
  v1::WatchReservationRequest request;
  request.set_reservation_id(reservation_id);
  request.set_until_cancelled(until_cancelled);
  return test.Open(kProcess, kWatchReservation, request, std::move(options));
}
Watching Watch(Facade& facade, const Id& id, bool until_cancelled = false) {
  Watching watching = Watch(facade.test, id.ToString(), until_cancelled);
  facade.test.Run();
  return watching;
}

// "PENDING", "HELD", ...
States StatesOf(const Watching& watching) {
  States states;
  for (const auto& message : watching.messages()) {
    states.push_back(v1::ReservationState_Name(message.reservation().state())
                         .substr(std::string("RESERVATION_STATE_").size()));
  }
  return states;
}

absl::StatusCode EndOf(const Watching& watching) {
  REQUIRE(watching.end().has_value());
  return watching.end()->code();
}

TEST_CASE("a watch shows the present state, every change, and ends with the final state") {
  Facade facade;
  const Id id = facade.HoldNew();
  const Watching watching = Watch(facade, id);
  CHECK(StatesOf(watching) == States{"HELD"});
  REQUIRE(facade.Pay(facade.NewPayment(id)).ok());
  CHECK(StatesOf(watching) == States{"HELD", "PENDING"});
  facade.Do(HoldAgain(id, facade.test.wall() + absl::Minutes(5), 2));
  REQUIRE(facade.Pay(facade.NewPayment(id)).ok());
  CHECK_FALSE(watching.end().has_value());
  facade.Do(Confirm(id));
  CHECK(StatesOf(watching) == States{"HELD", "PENDING", "HELD", "PENDING", "CONFIRMED"});
  CHECK(EndOf(watching) == absl::StatusCode::kOk);
  const v1::Reservation now = facade.Get(id);
  CHECK(watching.messages().back().reservation().SerializeAsString() == now.SerializeAsString());
  CHECK_FALSE(now.etag().empty());
}

TEST_CASE("a watch of a reservation that has ended shows it and ends") {
  Facade facade;
  const Id cancelled = facade.CreateNew();
  facade.Do(Cancel(cancelled));
  const Watching watching = Watch(facade, cancelled, /*until_cancelled=*/true);
  CHECK(StatesOf(watching) == States{"CANCELLED"});
  CHECK(EndOf(watching) == absl::StatusCode::kOk);
  CHECK(StatesOf(Watch(facade, facade.ConfirmNew())) == States{"CONFIRMED"});
}

TEST_CASE("a watch until CANCELLED goes on after CONFIRMED") {
  Facade facade;
  const Id id = facade.ConfirmNew();
  const Watching watching = Watch(facade, id, /*until_cancelled=*/true);
  CHECK_FALSE(watching.end().has_value());
  REQUIRE(facade.CancelNow(facade.NewCancellation(id)).ok());
  facade.Do(Cancel(id, "CANCELLED_BY_CLIENT"));
  CHECK(StatesOf(watching) == States{"CONFIRMED", "CANCELLING", "CANCELLED"});
  CHECK(EndOf(watching) == absl::StatusCode::kOk);
}

TEST_CASE("a longer hold is a change") {
  Facade facade;
  const Id id = facade.HoldNew(absl::Minutes(15));
  const Watching watching = Watch(facade, id);
  const auto extended = facade.SendExtend(Facade::NewExtension(id, absl::Minutes(30)));
  facade.test.Run();
  facade.orchestrator.AnswerSignals(0, saga::v1::OUTCOME_SUCCEEDED);
  REQUIRE((*extended).ok());
  REQUIRE(watching.messages().size() == 2);
  CHECK(watching.messages()[1].reservation().etag() == (*extended)->reservation().etag());
}

TEST_CASE("what changes nothing is not shown") {
  Facade facade;
  const Id id = facade.HoldNew();
  const Watching watching = Watch(facade, id);
  facade.Do(Hold(id, facade.test.wall() + absl::Minutes(15)));  // again
  facade.CreateNew();
  CHECK(watching.messages().size() == 1);
}

TEST_CASE("watches of unknown reservations and of no id end with the usual errors") {
  Facade facade;
  const Watching unknown = Watch(facade, facade.NewId());
  CHECK(EndOf(unknown) == absl::StatusCode::kNotFound);
  CHECK(ReasonOf(*unknown.end()) == kReservationNotFound);
  const Watching malformed = Watch(facade.test, "no-uuid");
  facade.test.Run();
  CHECK(EndOf(malformed) == absl::StatusCode::kInvalidArgument);
  CHECK(unknown.messages().empty());
}

TEST_CASE("all who watch one reservation see the same, whenever they came") {
  Facade facade;
  const Id id = facade.HoldNew();
  std::vector<Watching> watching;
  for (int i = 0; i < 100; ++i) watching.push_back(Watch(facade.test, id.ToString()));
  facade.test.Run();
  REQUIRE(facade.Pay(facade.NewPayment(id)).ok());
  for (int i = 0; i < 100; ++i) watching.push_back(Watch(facade.test, id.ToString()));
  facade.test.Run();
  facade.Do(Confirm(id));
  for (size_t i = 0; i < watching.size(); ++i) {
    CHECK(StatesOf(watching[i]) ==
          (i < 100 ? States{"HELD", "PENDING", "CONFIRMED"} : States{"PENDING", "CONFIRMED"}));
    CHECK(EndOf(watching[i]) == absl::StatusCode::kOk);
  }
}

TEST_CASE("who reads too slowly is told to resume, and delays nobody") {
  Facade facade;
  const Id id = facade.HoldNew(absl::Minutes(15));
  const Watching slow =
      Watch(facade.test, id.ToString(), false, {.deadline = absl::Hours(24), .from = "slow"});
  const Watching quick = Watch(facade, id);
  facade.test.Hold("slow", kProcess, Leg::kAnswer);
  for (int i = 0; i <= ServerStream::kUnsentMax; ++i) {
    const auto extended =
        facade.SendExtend(Facade::NewExtension(id, absl::Minutes(16) + absl::Milliseconds(i)));
    facade.test.Run();
    facade.orchestrator.AnswerSignals(static_cast<size_t>(i), saga::v1::OUTCOME_SUCCEEDED);
  }
  CHECK(quick.messages().size() == ServerStream::kUnsentMax + 2);
  CHECK_FALSE(quick.end().has_value());
  facade.test.Release("slow", kProcess);
  facade.test.Run();
  CHECK(slow.messages().size() <= ServerStream::kUnsentMax + 1);
  CHECK(EndOf(slow) == absl::StatusCode::kResourceExhausted);
}

TEST_CASE("a watch ends UNAVAILABLE with its process, and the next begins with the present state") {
  Facade facade;
  const Id id = facade.HoldNew();
  const Watching first = Watch(facade, id);
  SECTION("that crashes") { facade.Crash(); }
  SECTION("that stops") {
    facade.node->Stop(absl::ZeroDuration());
    facade.test.Run();
    facade.Crash();
  }
  facade.test.Run();
  CHECK(EndOf(first) == absl::StatusCode::kUnavailable);
  facade.Start();
  CHECK(StatesOf(Watch(facade, id)) == States{"HELD"});
}

TEST_CASE("a deadline ends a watch, and none is needed to keep it") {
  Facade facade;
  const Id id = facade.HoldNew();
  const Watching short_one =
      Watch(facade.test, id.ToString(), false, {.deadline = absl::Seconds(5)});
  const Watching long_one = Watch(facade, id);
  facade.test.Advance(absl::Seconds(6));
  CHECK(EndOf(short_one) == absl::StatusCode::kDeadlineExceeded);
  CHECK_FALSE(long_one.end().has_value());
}

TEST_CASE("a commit in doubt is shown once it is known what became of it") {
  const bool applied = GENERATE(true, false);
  Facade facade;
  const Id id = facade.HoldNew();
  const Watching watching = Watch(facade, id);
  facade.test.FailNextCommits(kProcess, 1, store::Committed::kInDoubt, applied);
  CHECK_FALSE(facade.Pay(facade.NewPayment(id)).ok());
  facade.test.Advance(absl::Seconds(2));
  CHECK(StatesOf(watching) == (applied ? States{"HELD", "PENDING"} : States{"HELD"}));
}

// --- On stores of the test's own

struct OwnStores {
  store::ModelStores model;
  store::ModelProcess process{model, store::ModelProcess::Writers::kOne};
  HookedStores hooked{process};
  Facade facade{hooked};
};

TEST_CASE_METHOD(OwnStores, "a change between the subscription and the read is not lost") {
  const Id id = facade.HoldNew();
  SECTION("and shown once if the read sees it") {
    hooked.before_query = [&] { REQUIRE(facade.Pay(facade.NewPayment(id)).ok()); };
    const Watching watching = Watch(facade, id);
    CHECK(StatesOf(watching) == States{"PENDING"});
  }
  SECTION("and the next too") {
    hooked.before_query = [&] {
      REQUIRE(facade.Pay(facade.NewPayment(id)).ok());
      hooked.before_query = [&] { facade.Do(Confirm(id)); };
    };
    const Watching watching = Watch(facade, id);
    CHECK(StatesOf(watching) == States{"PENDING", "CONFIRMED"});
    CHECK(EndOf(watching) == absl::StatusCode::kOk);
  }
}

TEST_CASE_METHOD(OwnStores, "an error of the store ends the watches that it concerns") {
  const Id id = facade.HoldNew();
  const Watching watching = Watch(facade, id);
  hooked.before_query = [&] { process.faults().SetConnected(false); };
  REQUIRE(facade.Pay(facade.NewPayment(id)).ok());
  CHECK(StatesOf(watching) == States{"HELD"});
  CHECK(EndOf(watching) == absl::StatusCode::kUnavailable);
}

TEST_CASE_METHOD(OwnStores, "what nobody watches costs no query") {
  const Id id = facade.HoldNew();
  const Watching watching = Watch(facade, id);
  facade.Do(Cancel(id));
  REQUIRE(watching.end().has_value());
  const int before = hooked.queries;
  const Id other = facade.HoldNew();
  facade.Do(Cancel(other));
  facade.test.Advance(absl::Seconds(10));
  CHECK(hooked.queries == before);
}

TEST_CASE_METHOD(OwnStores, "a watch whose client has gone takes no place for long") {
  const Id id = facade.HoldNew();
  Watching gone = Watch(facade, id);
  gone.Cancel();
  const Id other = facade.HoldNew();
  for (size_t i = 0; i < SweepRule::kAddedMin; ++i) Watch(facade, other);
  const int before = hooked.queries;
  REQUIRE(facade.Pay(facade.NewPayment(id)).ok());
  CHECK(hooked.queries == before);
}

// --- In a store with other writers

TEST_CASE("what another process writes to the same store is shown after a second at most") {
  store::ModelStores model;
  store::ModelProcess here{model, store::ModelProcess::Writers::kSeveral};
  Facade facade(here);
  const Id id = facade.HoldNew();
  const Watching watching = Watch(facade, id);
  store::ModelProcess there{model, store::ModelProcess::Writers::kSeveral};
  const World other = facade.test.world("other");
  auto node = ReservationNode::Open(OnStores(other, there), {.orchestrator = "orchestrator"},
                                    facade.sealer);
  REQUIRE(node.ok());
  REQUIRE((*node)->Start().ok());
  REQUIRE(facade.test.CallNow("other", kPayReservation, facade.NewPayment(id)).ok());
  facade.test.Advance(ReservationWatches::kInterval);
  CHECK(StatesOf(watching) == States{"HELD", "PENDING"});
}

}  // namespace
}  // namespace seatsaga::reservation::testing
