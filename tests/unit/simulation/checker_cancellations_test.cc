// Cancellations by clients: CANCELLING, what they give back, and what follows.
#include <catch2/catch.hpp>
#include <string>

#include "tests/unit/simulation/checker_run.h"

namespace seatsaga::simulation {
namespace {

const std::string kReason = "CANCELLED_BY_CLIENT";

// Cancelled before it was CONFIRMED.
Run EarlyRun(const Order& order = kA) {
  Run run;
  run.Accepted(order);
  run.Cancels(order, Run::Cancelling(order));
  run.EndsCancelled(order, kReason);
  return run;
}

// Cancelled once it was CONFIRMED.
Run LateRun() {
  Run run;
  run.Accepted(kA);
  run.Sees(run.Confirmed(kA));
  run.Cancels(kA, run.Refunding(kA));
  run.EndsRefundedInPart(kA);
  return run;
}

// --- States -------------------------------------------------------------------------------------

TEST_CASE("checker: what its client cancels becomes CANCELLING, then CANCELLED") {
  Run run = EarlyRun();
  SECTION("honest") {
    run.Sees(Run::Cancelling(kA));
    run.Sees(run.AtEnd(kA));
    RequirePasses(run);
  }
  SECTION("an answer on its way may be older") {
    run.Sees(Pending(kA)).sent = 4;
    RequirePasses(run);
  }
  SECTION("not PENDING again") {
    run.Sees(Pending(kA));
    RequireFinds(run, {"res-a: CANCELLING in a cancellation [3, 4], but PENDING in a look [5, 6]"});
  }
  SECTION("nor CONFIRMED") {
    run.AtEnd(kA) = run.Confirmed(kA);
    run.Holds(kA);
    run.AccountOf(kA) = {.captured_minor = 30, .captures = 1};
    RequireFinds(run, {"res-a: CANCELLING in a cancellation [3, 4], but CONFIRMED in the last",
                       "res-a: CONFIRMED in the last read, but CANCELLING without a refund",
                       "res-a: CANCELLING in a cancellation [3, 4] at 0 , but the price"});
  }
  SECTION("nor HELD") {
    run = EarlyRun(kHold);
    run.Sees(run.Held(kHold));
    run.AtEnd(kHold) = run.Priced(run.AtEnd(kHold));
    run.history.wishes[0].shown = run.Priced(*run.history.wishes[0].shown);
    RequireFinds(run, {"res-l: CANCELLING in a cancellation [3, 4], but HELD in a look [5, 6]"});
  }
  SECTION("nor CANCELLING again") {
    run.Sees(run.AtEnd(kA));
    run.Sees(Run::Cancelling(kA));
    RequireFinds(run, {"res-a: CANCELLED in a look [5, 6], but CANCELLING in a look [7, 8]"});
  }
  SECTION("with a reason only then") {
    run.history.wishes[0].shown->reason = kReason;
    RequireFinds(run, {"res-a: CANCELLING in a cancellation [3, 4] with the reason"});
  }
  SECTION("at the end") {
    run.AtEnd(kA) = Run::Cancelling(kA);
    RequireFinds(run, {"res-a: still CANCELLING at the end, and its saga is not parked"});
  }
}

TEST_CASE("checker: what becomes CANCELLING was cancelled by its client") {
  Run run;
  run.Accepted(kA);
  run.EndsCancelled(kA, kReason);
  const std::string early = "res-a: CANCELLING in a look [5, 6], but its client had not asked";
  const std::string reason = "res-a: cancelled for CANCELLED_BY_CLIENT in the last read, but its";
  SECTION("unheard") {
    run.CancelsUnheard(kA);
    run.Sees(Run::Cancelling(kA));
    RequirePasses(run);
  }
  SECTION("refused") {
    run.IsNotCancelled(kA, "OVERLOADED");
    run.Sees(Run::Cancelling(kA));
    RequireFinds(run, {early, reason});
  }
  SECTION("validated only") {
    run.Validates(kA, Run::Cancelling(kA));
    run.Sees(Run::Cancelling(kA));
    RequireFinds(run, {early, reason});
  }
  SECTION("another one") {
    run.CancelsUnheard(kB);
    run.Sees(Run::Cancelling(kA));
    RequireFinds(run, {early, reason});
  }
  SECTION("with another wish") {
    run.PaysUnheard(kA, "visa");
    run.Sees(Run::Cancelling(kA));
    RequireFinds(run, {early, reason});
  }
  SECTION("later") {
    run.Sees(Run::Cancelling(kA));
    run.CancelsUnheard(kA);
    RequireFinds(run, {"res-a: CANCELLING in a look [3, 4], but its client had not asked"});
  }
  SECTION("later than it was over") {
    run.Sees(run.AtEnd(kA));
    run.CancelsUnheard(kA);
    RequireFinds(run, {"res-a: cancelled for CANCELLED_BY_CLIENT in a look [3, 4], but its"});
  }
}

TEST_CASE("checker: a cancellation may cross anything, and the first cause stays") {
  Run run;
  SECTION("seats that were refused") {
    run.Accepted(kB);
    run.EndsConfirmed(kB);
    run.Accepted(kA);
    run.Cancels(kA, Run::Cancelling(kA));
    run.EndsCancelled(kA, "SEAT_NOT_AVAILABLE");
    RequirePasses(run);
  }
  SECTION("a payment that was declined") {
    run.Accepted(kBroke);
    run.Cancels(kBroke, Run::Cancelling(kBroke));
    run.EndsCancelled(kBroke, kReason);
    run.AccountOf(kBroke) = {.declines = 1};
    RequirePasses(run);
  }
  SECTION("a payment that succeeded") {
    run.Accepted(kA);
    run.Cancels(kA, Run::Cancelling(kA));
    run.EndsRefunded(kA, kReason);
    RequirePasses(run);
  }
  SECTION("a hold that expired") {
    run.Accepted(kHold);
    run.Sees(run.Held(kHold));
    run.Cancels(kHold, run.Priced(Run::Cancelling(kHold)));
    run.EndsUnpaid(kHold, "HOLD_EXPIRED");
    RequirePasses(run);
  }
  SECTION("an operator") {
    run.Accepted(kA);
    run.Compensates(kA);
    run.Cancels(kA, Run::Cancelling(kA));
    run.EndsRefunded(kA, "CANCELLED_BY_OPERATOR");
    RequirePasses(run);
  }
  SECTION("but not a confirmation") {
    run = LateRun();
    run.AtEnd(kA).reason = "OUTCOME_UNKNOWN";
    RequireFinds(run, {"res-a: cancelled for OUTCOME_UNKNOWN, but CONFIRMED in a look [3, 4]"});
    run.Compensates(kA);
    RequirePasses(run);
  }
}

TEST_CASE("checker: a refund that is refused leaves it CANCELLING") {
  const Order sticky = With(kA, "sticky");
  Run run;
  run.Accepted(sticky);
  run.EndsParked(sticky);
  run.CancelsUnheard(sticky);
  run.AtEnd(sticky) = Run::Cancelling(sticky);
  SECTION("of all") { RequirePasses(run); }
  SECTION("of a part") {
    run.AtEnd(sticky) = run.Refunding(sticky);
    RequirePasses(run);
  }
  SECTION("of a part, which was paid back") {
    run.AtEnd(sticky) = run.Refunding(sticky);
    run.AccountOf(sticky).refunded_minor = 9;
    RequireFinds(run, {"res-a: parked without a cause: nothing is left to give back, 30 captured "
                       "and 9 refunded"});
  }
  SECTION("of nothing") {
    run.history.halls[0].refund_percent = 0;
    run.AtEnd(sticky) = run.Refunding(sticky);
    run.AtEnd(sticky).refund_minor = 0;
    RequireFinds(run, {"res-a: parked without a cause: nothing is left to give back, 30 captured"});
  }
}

// --- Refunds ------------------------------------------------------------------------------------

TEST_CASE("checker: a cancellation of what is CONFIRMED shows what it gives back") {
  Run run = LateRun();
  SECTION("honest") { RequirePasses(run); }
  SECTION("of which only the cancellation knows") {
    run.history.looks.clear();
    RequirePasses(run);
  }
  SECTION("all of it") {
    run.history.halls[0].refund_percent = 100;
    run.history.wishes[0].shown->refund_minor = 30;
    run.AtEnd(kA).refund_minor = 30;
    run.AccountOf(kA).refunded_minor = 30;
    RequirePasses(run);
  }
  SECTION("nothing of it") {
    run.history.halls[0].refund_percent = 0;
    run.history.wishes[0].shown->refund_minor = 0;
    run.AtEnd(kA).refund_minor = 0;
    run.AccountOf(kA).refunded_minor = 0;
    RequirePasses(run);
  }
  SECTION("another part of it") {
    run.history.wishes[0].shown->refund_minor = 10;
    RequireFinds(run,
                 {"res-a: a refund of 10 in a cancellation [5, 6], but 33 percent of 30 are 9"});
  }
  SECTION("not while CANCELLING") {
    run.history.wishes[0].shown->refund_minor.reset();
    RequireFinds(run, {"res-a: CONFIRMED in a look [3, 4], but CANCELLING without a refund in a "
                       "cancellation [5, 6]",
                       "res-a: a refund is shown in the last read, but none in a cancellation"});
  }
  SECTION("not while CANCELLING, and an operator makes no difference") {
    run.Compensates(kA);
    run.history.wishes[0].shown->refund_minor.reset();
    run.AtEnd(kA).refund_minor.reset();
    run.AccountOf(kA).refunded_minor = 30;
    RequireFinds(run, {"res-a: CONFIRMED in a look [3, 4], but CANCELLING without a refund in a "
                       "cancellation [5, 6]"});
  }
  SECTION("not once CANCELLED") {
    run.history.wishes[0].heard = Heard::kNothing;
    run.AtEnd(kA).refund_minor.reset();
    run.AccountOf(kA).refunded_minor = 30;
    RequireFinds(run, {"res-a: CONFIRMED in a look [3, 4], but CANCELLED without a refund in the "
                       "last read"});
  }
  SECTION("not once an operator has cancelled it") {
    run.history.wishes[0].heard = Heard::kNothing;
    run.Compensates(kA);
    run.AtEnd(kA).refund_minor.reset();
    run.AccountOf(kA).refunded_minor = 30;
    RequirePasses(run);
  }
  SECTION("not without a price") {
    run.history.wishes[0].shown->paid_minor = 0;
    run.history.wishes[0].shown->currency = "";
    RequireFinds(run, {"res-a: CANCELLING in a cancellation [5, 6] at 0 , but the price"});
  }
  SECTION("not of seats that do not exist") {
    run = CancelledRun(kNoHall, "CANCELLED_BY_CLIENT");
    run.CancelsUnheard(kNoHall);
    run.AtEnd(kNoHall).refund_minor = 0;
    RequireFinds(run, {"res-h: CANCELLED in the last read at 0 , but the price of its seats is 0"});
  }
  SECTION("not while CONFIRMED") {
    run.history.looks[0].shown->refund_minor = 9;
    RequireFinds(run, {"res-a: CONFIRMED in a look [3, 4] with a refund"});
  }
  SECTION("not without a cancellation") {
    run.history.looks.clear();
    run.history.wishes.clear();
    RequireFinds(run, {"res-a: both CONFIRMED in the last read and CANCELLED in the last read, and",
                       "res-a: a refund is shown in the last read, but its client had not",
                       "res-a: cancelled for CANCELLED_BY_CLIENT in the last read, but its"});
  }
  SECTION("not without a charge") {
    run.history.halls[0].refund_percent = 100;
    run.history.wishes[0].shown->refund_minor = 30;
    run.AtEnd(kA).refund_minor = 30;
    run.history.end.accounts.clear();
    RequireFinds(run, {"res-a: CONFIRMED in a look [3, 4], but never charged"});
  }
  SECTION("and keeps the rest") {
    run.AccountOf(kA).refunded_minor = 30;
    RequireFinds(run, {"res-a: CANCELLED at the end, price 30, refund 9, but captured 30 in 1 "
                       "charges, refunded 30"});
  }
  SECTION("and not all") {
    run.AccountOf(kA).refunded_minor = 0;
    RequireFinds(run, {"res-a: CANCELLED at the end, price 30, refund 9, but captured 30 in 1"});
  }
}

TEST_CASE("checker: a cancellation before the confirmation gives everything back") {
  Run run = EarlyRun();
  run.AccountOf(kA) = {.captured_minor = 30, .refunded_minor = 30, .captures = 1};
  RequirePasses(run);
  run.AccountOf(kA).refunded_minor = 9;
  RequireFinds(run, {"res-a: CANCELLED at the end, price 30, but captured 30 in 1 charges"});
}

TEST_CASE("checker: a refund of a hold was paid for") {
  Run run;
  run.Accepted(kHold);
  run.Cancels(kHold, run.Refunding(kHold));
  run.EndsRefundedInPart(kHold);
  RequireFinds(run, {"res-l: CONFIRMED in a cancellation [3, 4], but no payment that may succeed",
                     "res-l: charged 1 times, but no payment that may succeed"});
  run.PaysUnheard(kHold, "visa").sent = 2;
  RequirePasses(run);
}

TEST_CASE("checker: what shows a refund was CONFIRMED, and is not PENDING again") {
  Run run;
  run.Accepted(kA);
  run.Validates(kA, run.Refunding(kA));
  run.Sees(Pending(kA));
  run.EndsConfirmed(kA);
  RequireFinds(run, {"res-a: CONFIRMED in a cancellation [3, 4], but PENDING in a look [5, 6]"});
}

// --- Seats --------------------------------------------------------------------------------------

TEST_CASE("checker: a client's cancellation ends what is certain of its seats") {
  Run run = LateRun();
  SECTION("not before it is sent") {
    run.history.wishes[0].sent = 8;
    run.history.wishes[0].ended = 9;
    run.now = 4;
    run.SeesSeat("1", "");
    RequireFinds(run, {"seat hamlet 1: held by nobody in a look at seats [5, 6], while res-a holds "
                       "it for certain, from 4 to 8"});
  }
  SECTION("but then") {
    run.SeesSeat("1", "");
    RequirePasses(run);
  }
  SECTION("also if it may be late") {
    run.history.wishes[0].heard = Heard::kNothing;
    run.SeesSeat("1", "");
    RequirePasses(run);
  }
  SECTION("also while CANCELLING") {
    run.SeesSeat("1", "res-a");
    RequirePasses(run);
  }
  SECTION("of what was HELD too") {
    run = Run();
    run.Accepted(kHold);
    run.Sees(run.Held(kHold));
    run.SeesSeat("1", "");
    run.CancelsUnheard(kHold);
    run.EndsUnpaid(kHold, kReason);
    RequireFinds(run, {"seat hamlet 1: held by nobody in a look at seats [5, 6], while res-l holds "
                       "it for certain, from 4 to 7"});
  }
}

}  // namespace
}  // namespace seatsaga::simulation
