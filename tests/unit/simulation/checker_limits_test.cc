// Limits on what one user has of one event at a time.
#include <catch2/catch.hpp>

#include "tests/unit/simulation/checker_run.h"

namespace seatsaga::simulation {
namespace {

// Three of one user: two holds of other seats, and one that is paid for at once.
const Order kFirst{"res-1", "req-1", {"1"}, "", "hamlet", "anna", true};
const Order kSecond{"res-2", "req-2", {"2"}, "", "hamlet", "anna", true};
const Order kThird{"res-3", "req-3", {"3"}, "visa", "hamlet", "anna"};

// All are CONFIRMED in the end; the holds overlap.
Run ThreeSeatsRun() {
  Run run;
  for (const Order& order : {kFirst, kSecond, kThird}) run.Accepted(order);
  for (const Order& order : {kFirst, kSecond}) run.Sees(run.Held(order));
  for (const Order& order : {kFirst, kSecond}) run.Pays(order, "visa");
  for (const Order& order : {kFirst, kSecond, kThird}) run.EndsConfirmed(order);
  return run;
}

TEST_CASE("checker: nobody has more seats of an event, or more unpaid holds, than is allowed") {
  Run run = ThreeSeatsRun();
  SECTION("no limit") {}
  SECTION("as much as is allowed") {
    run.history.seats_max = 3;
    run.history.holds_max = 2;
  }
  SECTION("another user's") {
    run.history.seats_max = 3;
    run.Accepted(WithId(kFreeHold, "res-4"));
    run.EndsUnpaid(WithId(kFreeHold, "res-4"), "HOLD_EXPIRED");
  }
  RequirePasses(run);
  SECTION("more seats") {
    run.history.seats_max = 2;
    RequireFinds(run, {"user anna: has 3 seats of hamlet at once, although the limit is 2"});
  }
  SECTION("more holds") {
    run.history.holds_max = 1;
    RequireFinds(run,
                 {"user anna: has 2 unpaid holds for hamlet at once, although the limit is 1"});
  }
}

TEST_CASE("checker: one hold after the other is one at a time") {
  Run run;
  run.history.holds_max = 1;
  run.history.seats_max = 1;
  run.Accepted(kFirst);
  run.Sees(run.Held(kFirst));
  run.EndsUnpaid(kFirst, "HOLD_EXPIRED");
  run.Sees(run.AtEnd(kFirst));
  run.Accepted(kSecond);
  run.Sees(run.Held(kSecond));
  run.EndsUnpaid(kSecond, "HOLD_EXPIRED");
  RequirePasses(run);
}

TEST_CASE("checker: nobody is refused for less than the limit") {
  Run run = ThreeSeatsRun();
  run.history.seats_max = 4;
  run.history.holds_max = 3;
  Order fourth{"res-4", "req-4", {"1", "2"}, "visa", "hamlet", "anna"};
  SECTION("too many seats") {
    run.Refused(fourth, "USER_EVENT_LIMIT");
    RequirePasses(run);
  }
  SECTION("room for the seats") {
    fourth.seats.pop_back();
    run.Refused(fourth, "USER_EVENT_LIMIT");
    RequireFinds(run, {"user anna: USER_EVENT_LIMIT in a creation [15, 16], but with it there were "
                       "at most 4 seats and 3 unpaid holds for hamlet"});
  }
  SECTION("too many holds") {
    run.history.holds_max = 2;
    fourth.seats.pop_back();
    fourth.card = "";
    fourth.hold = true;
    run.Refused(fourth, "USER_EVENT_LIMIT");
    RequirePasses(run);
  }
  SECTION("the holds were over") {
    run.history.holds_max = 2;
    for (const Order& order : {kFirst, kSecond}) run.Sees(run.Confirmed(order));
    fourth.seats.pop_back();
    fourth.card = "";
    fourth.hold = true;
    run.Refused(fourth, "USER_EVENT_LIMIT");
    RequireFinds(run, {"at most 4 seats and 1 unpaid holds"});
  }
  SECTION("another user's seats do not count") {
    fourth.user = "bert";
    run.Refused(fourth, "USER_EVENT_LIMIT");
    RequireFinds(run, {"user bert: USER_EVENT_LIMIT"});
  }
}

}  // namespace
}  // namespace seatsaga::simulation
