// Limits per user and event: what counts, what gives room back, and that the counts are kept.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/unit/reservation_svc/facade.h"

namespace seatsaga::reservation::testing {
namespace {

ReservationLimits AtMost(int64_t holds, int64_t seats) {
  return {.user_event = {.holds_max = holds, .seats_max = seats}};
}

// A facade whose stored counts can be seen. Every request is for two seats.
class CountedFacade : public Facade {
 public:
  explicit CountedFacade(const ReservationLimits& its_limits) : Facade(AnyEngine(), its_limits) {}

  bool HasRoom(const v1::CreateReservationRequest& request) {
    const absl::Status status = Create(request).status();
    if (status.ok()) return true;
    REQUIRE(status.code() == absl::StatusCode::kFailedPrecondition);
    REQUIRE(ReasonOf(status) == "USER_EVENT_LIMIT");
    return false;
  }
  v1::CreateReservationRequest NewRequestOf(const std::string& user, const std::string& event) {
    v1::CreateReservationRequest request = NewRequest();
    request.set_user_id(user);
    request.set_event_id(event);
    return request;
  }
  // "ann hamlet: 1 hold, 2 seats" per row. Restarts the service.
  std::vector<std::string> Rows() {
    Crash();
    std::vector<std::string> rows;
    {
      const auto store = test.world(kProcess).stores.Open(kSchema).value();
      REQUIRE(store
                  ->Query([&](store::Snapshot& snapshot) {
                    snapshot.Visit(
                        store::Scan{.table = &kUserEventCounts.info()},
                        [&](const store::RowView& view) {
                          const auto row = decltype(kUserEventCounts)::Load(view);
                          rows.push_back(Cat(row.user_id, " ", row.event_id, ": ", row.live_holds,
                                             " holds, ", row.seats, " seats"));
                          return true;
                        });
                  })
                  .ok());
    }
    Restart();
    return rows;
  }
  void RestartWith(const ReservationLimits& new_limits) {
    Crash();
    limits = new_limits;
    Start();
  }
};

using Rows = std::vector<std::string>;

TEST_CASE("user and event: a hold beyond the limit is refused, and the error says what to do") {
  Facade world(AnyEngine(), AtMost(2, 0));
  const Id first = world.HoldNew();
  REQUIRE(world.Create(world.NewHold()).ok());  // PENDING counts too
  const auto third = world.NewHold();
  const absl::Status refused = world.Create(third).status();
  CHECK(refused.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(ReasonOf(refused) == "USER_EVENT_LIMIT");
  CHECK(View(refused.message()) ==
        "user ann has 2 unpaid holds for event hamlet, and this server allows 2; pay for one, "
        "cancel one, or wait until one expires");
  CHECK(world.CountPending() == 1);
  CHECK(world.Create(world.NewRequest()).ok());  // pays at once
  auto other = world.NewHold();
  other.set_user_id("bob");
  CHECK(world.Create(other).ok());
  other = world.NewHold();
  other.set_event_id("othello");
  CHECK(world.Create(other).ok());
  // Nothing of it was stored, so the same request succeeds once there is room.
  REQUIRE(world.CancelNow(world.NewCancellation(first)).ok());
  CHECK(world.Create(third).ok());
}

TEST_CASE("user and event: a hold is no longer live once it is confirmed or cancelled") {
  CountedFacade world(AtMost(1, 0));
  const Id id = world.HoldNew();
  REQUIRE(world.Pay(world.NewPayment(id)).ok());
  CHECK_FALSE(world.HasRoom(world.NewHold()));  // it is not decided yet
  SECTION("confirmed") { world.Do(Confirm(id)); }
  SECTION("cancelled by its client") { REQUIRE(world.CancelNow(world.NewCancellation(id)).ok()); }
  SECTION("expired") { world.Do(Cancel(id, "HOLD_EXPIRED")); }
  SECTION("declined for the last time") { world.Do(Cancel(id, "PAYMENT_DECLINED")); }
  SECTION("confirmed, after a declined payment") {
    world.Do(HoldAgain(id, world.test.wall() + absl::Minutes(5), 2));
    CHECK_FALSE(world.HasRoom(world.NewHold()));
    REQUIRE(world.Pay(world.NewPayment(id)).ok());
    world.Do(Confirm(id));
  }
  CHECK(world.HasRoom(world.NewHold()));
  CHECK_FALSE(world.HasRoom(world.NewHold()));
}

TEST_CASE("user and event: seats count until their reservation is CANCELLED") {
  CountedFacade world(AtMost(0, 5));
  const Id confirmed = world.ConfirmNew();
  const Id pending = world.CreateNew();
  const absl::Status refused = world.Create(world.NewRequest()).status();
  CHECK(View(refused.message()) ==
        "user ann has 4 seats of event hamlet and asks for 2 more, and this server allows 5; "
        "reserve at most 1, or cancel a reservation first");
  auto one_seat = world.NewRequest();
  one_seat.mutable_items()->RemoveLast();
  CHECK(world.HasRoom(one_seat));
  SECTION("declined") {
    CHECK_FALSE(world.HasRoom(world.NewRequest()));
    world.Do(Cancel(pending));
  }
  SECTION("cancelled by its client, and refunded") {
    REQUIRE(world.CancelNow(world.NewCancellation(confirmed)).ok());
    CHECK_FALSE(world.HasRoom(world.NewRequest()));
    world.Do(Cancel(confirmed, "CANCELLED_BY_CLIENT"));
  }
  CHECK(world.HasRoom(world.NewRequest()));
  CHECK(world.Rows() == Rows{"ann hamlet: 0 holds, 5 seats"});
}

TEST_CASE("user and event: requests of one batch are counted one after the other") {
  CountedFacade world(AtMost(2, 0));
  world.HoldNew();
  const Pending<v1::CreateReservationResponse> answers[] = {world.SendCreate(world.NewHold()),
                                                            world.SendCreate(world.NewHold())};
  world.test.Run();
  CHECK((*answers[0]).ok());
  CHECK(ReasonOf((*answers[1]).status()) == "USER_EVENT_LIMIT");
  CHECK(world.Rows() == Rows{"ann hamlet: 2 holds, 4 seats"});
}

TEST_CASE("user and event: whatever is repeated is counted once") {
  CountedFacade world(AtMost(9, 0));
  const auto hold = world.NewHold();
  const auto first = world.SendCreate(hold);
  const auto second = world.SendCreate(hold);
  world.test.Run();
  const Id id = IdOf((*first)->reservation());
  const Rows one_hold{"ann hamlet: 1 holds, 2 seats"};
  CHECK(world.Rows() == one_hold);
  REQUIRE(world.Create(hold).ok());
  CHECK(world.Rows() == one_hold);
  const auto confirm = [&] {
    world.Do(Hold(id, world.test.wall() + absl::Minutes(15)));
    REQUIRE(world.Pay(world.NewPayment(id)).ok());
    world.SendCommands({Confirm(id), Confirm(id)});
    world.Do(Confirm(id));
    CHECK(world.Rows() == Rows{"ann hamlet: 0 holds, 2 seats"});
  };
  SECTION("an undo") {
    world.SendCommands({Cancel(id), Cancel(id)});
    world.Do(Cancel(id));
    REQUIRE(world.Create(hold).ok());
  }
  SECTION("a confirmation, then a cancellation of its client's, then the undo") {
    confirm();
    const auto cancellation = world.NewCancellation(id);
    world.SendCancel(cancellation);
    REQUIRE(world.CancelNow(cancellation).ok());
    REQUIRE(world.CancelNow(cancellation).ok());
    CHECK(world.Rows() == Rows{"ann hamlet: 0 holds, 2 seats"});
    world.SendCommands({Cancel(id), Cancel(id)});
    world.Do(Cancel(id));
  }
  CHECK(world.Rows().empty());
}

TEST_CASE("user and event: a commit that failed has counted nothing") {
  CountedFacade world(AtMost(1, 0));
  const auto answer = world.SendCreate(world.NewHold());
  world.test.FailNextCommits(kProcess, 1, store::Committed::kNothing);
  world.test.Run();
  REQUIRE_FALSE((*answer).ok());
  world.test.Advance(absl::Seconds(1));
  CHECK(world.Rows().empty());
  CHECK(world.HasRoom(world.NewHold()));
}

TEST_CASE("user and event: without limits nothing is counted") {
  CountedFacade world(AtMost(0, 0));
  world.HoldNew();
  world.ConfirmNew();
  CHECK(world.Rows().empty());
}

TEST_CASE("user and event: limits that are new count what is there already") {
  CountedFacade world(AtMost(0, 0));
  world.HoldNew();
  world.ConfirmNew();
  world.Do(Cancel(world.HoldNew()));
  REQUIRE(world.Create(world.NewRequestOf("bob", "hamlet")).ok());
  world.RestartWith(AtMost(1, 0));
  const Rows counted{"ann hamlet: 1 holds, 4 seats", "bob hamlet: 0 holds, 2 seats"};
  CHECK(world.Rows() == counted);
  CHECK_FALSE(world.HasRoom(world.NewHold()));

  SECTION("not again at the next start") { CHECK(world.Rows() == counted); }
  SECTION("again after a time without limits") {
    world.RestartWith(AtMost(0, 0));
    CHECK(world.Rows() == counted);  // nobody keeps them
    world.ConfirmNew();
    REQUIRE(world.Create(world.NewRequestOf("cleo", "hamlet")).ok());
    world.RestartWith(AtMost(1, 6));
    CHECK(world.Rows() == Rows{"ann hamlet: 1 holds, 6 seats", "bob hamlet: 0 holds, 2 seats",
                               "cleo hamlet: 0 holds, 2 seats"});
    CHECK_FALSE(world.HasRoom(world.NewRequest()));
  }
}

TEST_CASE("user and event: more reservations than are counted at once are counted all") {
  CountedFacade world(AtMost(0, 0));
  constexpr int kMany = 1200;
  std::vector<Pending<v1::CreateReservationResponse>> answers;
  for (int i = 0; i < kMany; ++i) {
    answers.push_back(world.SendCreate(world.NewRequestOf(Cat("user-", i), "hamlet")));
    if (i % 2 == 0) answers.push_back(world.SendCreate(world.NewRequest()));
  }
  world.test.Run();
  for (const auto& answer : answers) REQUIRE((*answer).ok());
  world.RestartWith(AtMost(0, 1));
  const auto is_one = [](const std::string& row) { return row.ends_with(": 0 holds, 2 seats"); };
  for (int times = 0; times < 2; ++times) {
    const Rows rows = world.Rows();
    REQUIRE(rows.size() == kMany + 1);
    CHECK(rows.front() == Cat("ann hamlet: 0 holds, ", kMany, " seats"));
    CHECK(std::count_if(rows.begin(), rows.end(), is_one) == kMany);
    world.RestartWith(AtMost(0, 0));
    world.RestartWith(AtMost(0, 1));  // erases them, and counts again
  }
}

}  // namespace
}  // namespace seatsaga::reservation::testing
