// Holds: what is HELD, then paid for, or not.
#include <catch2/catch.hpp>
#include <string>

#include "tests/unit/simulation/checker_run.h"

namespace seatsaga::simulation {
namespace {

const std::string kNo = "PAYMENT_DECLINED";

// HELD, paid for once, CONFIRMED.
Run PaidRun(const Order& order = kHold) {
  Run run;
  run.Accepted(order);
  run.Sees(run.Held(order));
  run.Pays(order, "visa");
  run.EndsConfirmed(order);
  return run;
}

// HELD, and not paid for.
Run ExpiredRun() {
  Run run;
  run.Accepted(kHold);
  run.Sees(run.Held(kHold));
  run.EndsUnpaid(kHold, "HOLD_EXPIRED");
  return run;
}

// As many payments are declined, and each time it is HELD again, unless it was the fifth.
void IsDeclined(Run& run, int times) {
  for (int i = 1; i <= times; ++i) {
    run.Pays(kHold, "broke");
    if (i < 5) run.Sees(run.Held(kHold, kNo));
  }
}

// --- States -------------------------------------------------------------------------------------

TEST_CASE("checker: a hold is HELD, paid for, and CONFIRMED") {
  Run run = PaidRun();
  run.Sees(run.Confirmed(kHold));
  SECTION("honest") { RequirePasses(run); }
  SECTION("HELD again") {
    run.Sees(run.Held(kHold, kNo));
    RequireFinds(run, {"res-l: CONFIRMED in a look [7, 8], but HELD in a look [9, 10]",
                       "res-l: HELD in a look [9, 10] after 1 payments and 1 declines, but only 1 "
                       "had been sent by then, 0 with a card"});
  }
  SECTION("HELD again, once it was over") {
    run = ExpiredRun();
    run.Sees(run.AtEnd(kHold));
    run.Sees(run.Held(kHold));
    RequireFinds(run, {"res-l: CANCELLED in a look [5, 6], but HELD in a look [7, 8]"});
  }
  SECTION("as it was asked for") {
    Shown other = run.Confirmed(kHold);
    other.hold = false;
    run.Sees(other);
    RequireFinds(run, {"was request req-l of lena for hamlet 1 2, paid for later in a creation "
                       "[1, 2], but is request req-l of lena for hamlet 1 2 in a look [9, 10]"});
  }
  SECTION("the request of which is not one that is paid for at once") {
    Order now = kHold;
    now.hold = false;
    run.history.creations[0].hold = false;
    RequireFinds(run, {"the creation sent at 1 was request req-l of lena for hamlet 1 2, but",
                       "res-l: no creation that may have been accepted asked for it"});
  }
  SECTION("and the same request for one that is paid for at once is another") {
    Order now = kHold;
    now.hold = false;
    run.Refused(now, "REQUEST_ID_REUSED");
    RequirePasses(run);
  }
}

TEST_CASE("checker: only a hold is HELD") {
  Run run = ConfirmedRun();
  Shown held = run.Held(kA);
  held.paid_minor = 30;
  run.history.looks.push_back(
      {.reservation_id = kA.id, .sent = 1, .ended = 2, .heard = Heard::kAnswer, .shown = held});
  RequireFinds(run, {"res-a: HELD in a look [1, 2], but it is paid for at once"});
}

TEST_CASE("checker: at the end nothing is HELD") {
  Run run = ExpiredRun();
  run.AtEnd(kHold) = run.Held(kHold);
  RequireFinds(run, {"res-l: still HELD at the end, and its saga is not parked"});
  run.history.end.parked[kHold.id] = true;
  run.Pays(kHold, "sticky");
  run.AccountOf(kHold) = {.captured_minor = 30, .captures = 1};
  run.Holds(kHold);
  RequireFinds(run, {"res-l: paid for in a payment [5, 6], but HELD without a failure in the last",
                     "res-l: parked without a cause: it is HELD already"});
}

TEST_CASE("checker: each round of a hold needs a payment of its own") {
  Run run;
  run.Accepted(kHold);
  run.Sees(run.Held(kHold));
  SECTION("two of three are declined") {
    IsDeclined(run, 2);
    run.Pays(kHold, "visa");
    run.EndsConfirmed(kHold);
    run.AccountOf(kHold).declines = 2;
    RequirePasses(run);
  }
  SECTION("unheard") {
    run.PaysUnheard(kHold, "broke");
    run.Sees(run.Paying(kHold));
    run.Sees(run.Held(kHold, "CARD_EXPIRED"));
    run.EndsUnpaid(kHold, "HOLD_EXPIRED", 1);
    RequirePasses(run);
  }
  SECTION("refused") {
    run.IsNotPaid(kHold, "OVERLOADED");
    run.Sees(run.Paying(kHold));
    run.EndsUnpaid(kHold, "HOLD_EXPIRED");
    RequireFinds(run, {"res-l: PENDING in a look [7, 8] after 1 payments and 0 declines, but only "
                       "0 had been sent by then"});
  }
  SECTION("also if it was not seen HELD") {
    run.history.looks.clear();
    run.Sees(run.Paying(kHold));
    run.EndsUnpaid(kHold, "HOLD_EXPIRED");
    RequireFinds(run, {"res-l: PENDING in a look [5, 6] after 1 payments and 0 declines, but only "
                       "0 had been sent by then"});
  }
  SECTION("one is not enough for two") {
    run.Pays(kHold, "broke", "pay");
    run.Pays(kHold, "broke", "pay").shown = run.Held(kHold, kNo);
    run.Sees(run.Paying(kHold));
    run.EndsUnpaid(kHold, "HOLD_EXPIRED", 1);
    RequireFinds(run, {"res-l: PENDING in a look [9, 10] after 2 payments and 1 declines, but only "
                       "1 had been sent by then, 1 with"});
  }
  SECTION("not later") {
    run.Sees(run.Paying(kHold));
    run.PaysUnheard(kHold, "broke");
    run.EndsUnpaid(kHold, "HOLD_EXPIRED");
    RequireFinds(run, {"res-l: PENDING in a look [5, 6] after 1 payments"});
  }
  SECTION("but what is seen at once may be one round") {
    run.Pays(kHold, "broke");
    const Moment paid = run.now;
    run.Sees(run.Held(kHold, kNo));
    run.Sees(run.Paying(kHold)).sent = paid + 1;
    run.Sees(run.Held(kHold, kNo)).sent = paid + 1;
    run.EndsUnpaid(kHold, "HOLD_EXPIRED", 1);
    RequirePasses(run);
  }
  SECTION("even if the answers of the history are not in order") {
    run.Pays(kHold, "broke");
    run.Sees(run.Held(kHold, kNo));
    std::swap(run.history.looks[0], run.history.looks[1]);
    run.EndsUnpaid(kHold, "HOLD_EXPIRED", 1);
    RequirePasses(run);
  }
  SECTION("declined, which needs a card that declines") {
    run.Pays(kHold, "visa");
    run.Sees(run.Held(kHold, kNo));
    run.EndsUnpaid(kHold, "HOLD_EXPIRED");
    RequireFinds(run, {"res-l: HELD in a look [7, 8] after 1 payments and 1 declines, but only 1 "
                       "had been sent by then, 0 with a card that may be declined"});
  }
  SECTION("declined before it was seen paid for") {
    run.Pays(kHold, "visa");
    run.history.wishes.clear();
    run.Sees(run.Held(kHold, kNo));
    run.EndsUnpaid(kHold, "HOLD_EXPIRED", 1);
    RequireFinds(run, {"res-l: HELD in a look [7, 8] after 1 payments and 1 declines, but only 0",
                       "res-l: declined 1 times, but paid for with none"});
  }
  SECTION("declined, of which the company knows") {
    IsDeclined(run, 2);
    run.EndsUnpaid(kHold, "HOLD_EXPIRED", 1);
    RequireFinds(run, {"res-l: declined 2 times, but the payment company knows of 1"});
  }
  SECTION("five are tried, no more") {
    IsDeclined(run, 5);
    run.EndsUnpaid(kHold, kNo, 5);
    RequirePasses(run);
    run.Sees(run.Held(kHold, kNo));
    RequireFinds(run, {"res-l: HELD in a look [23, 24] after 5 payments and 5 declines, but no "
                       "more than 5 are tried"});
  }
  SECTION("five are tried, and not a sixth") {
    for (int i = 0; i < 5; ++i) IsDeclined(run, 1);
    run.history.looks.pop_back();
    run.history.wishes.back().card = "visa";
    run.PaysUnheard(kHold, "visa");
    run.EndsConfirmed(kHold);
    run.AccountOf(kHold).declines = 4;
    RequirePasses(run);
    run.AccountOf(kHold).declines = 5;
    RequireFinds(run, {"res-l: charged 1 times and declined 5 times, which is too often",
                       "res-l: declined 5 times, but paid for with broke, broke, broke, broke, "
                       "visa, visa"});
  }
}

TEST_CASE("checker: HELD says why the last payment failed, and nothing else does") {
  Run run;
  run.Accepted(kHold);
  run.Sees(run.Held(kHold));
  run.Pays(kHold, "broke");
  run.EndsUnpaid(kHold, "HOLD_EXPIRED", 1);
  SECTION("honest") {
    run.Sees(run.Held(kHold, "INSUFFICIENT_FUNDS"));
    RequirePasses(run);
  }
  SECTION("an answer on its way may be older") {
    run.Sees(run.Held(kHold)).sent = 6;
    RequirePasses(run);
  }
  SECTION("does not") {
    run.Sees(run.Held(kHold));
    RequireFinds(run, {"res-l: paid for in a payment [5, 6], but HELD without a failure in a look "
                       "[7, 8]"});
  }
  SECTION("does not any more") {
    run.history.wishes[0].heard = Heard::kNothing;
    run.Sees(run.Held(kHold, kNo));
    run.Sees(run.Held(kHold));
    RequireFinds(run, {"res-l: paid for in a look [7, 8], but HELD without a failure in a look "
                       "[9, 10]"});
  }
  SECTION("does not after it was seen paid for") {
    run.history.wishes[0].heard = Heard::kNothing;
    run.Sees(run.Paying(kHold));
    run.Sees(run.Held(kHold));
    RequireFinds(run, {"res-l: paid for in a look [7, 8], but HELD without a failure in a look "
                       "[9, 10]"});
  }
  SECTION("for no reason to decline") {
    run.Sees(run.Held(kHold, "SEAT_NOT_AVAILABLE"));
    RequireFinds(run, {"res-l: HELD in a look [7, 8] with the failure SEAT_NOT_AVAILABLE, for"});
  }
  SECTION("while it is paid for again") {
    Shown paying = run.Paying(kHold);
    paying.failure = kNo;
    run.Sees(paying);
    RequireFinds(run, {"res-l: PENDING in a look [7, 8] with the failure PAYMENT_DECLINED"});
  }
  SECTION("at the end") {
    run.AtEnd(kHold).failure = kNo;
    RequireFinds(run, {"res-l: CANCELLED in the last read with the failure PAYMENT_DECLINED"});
  }
}

// --- Price --------------------------------------------------------------------------------------

TEST_CASE("checker: a hold shows its price once it was HELD") {
  Run run = PaidRun();
  SECTION("not before") {
    run.Sees(Pending(kHold)).sent = 2;
    RequirePasses(run);
  }
  SECTION("while HELD") {
    Shown held = run.Held(kHold);
    held.paid_minor = 0;
    held.currency = "";
    run.history.looks[0].shown = held;
    RequireFinds(run, {"res-l: HELD in a look [3, 4] at 0 , but the price of its seats is 30 EUR"});
  }
  SECTION("the right one") {
    run.history.looks[0].shown->paid_minor = 10;
    RequireFinds(run, {"res-l: HELD in a look [3, 4] at 10 EUR, but the price of its seats is 30"});
  }
  SECTION("the right one while it is paid for") {
    run.history.wishes[0].shown->currency = "USD";
    RequireFinds(run, {"res-l: PENDING in a payment [5, 6] at 30 USD, but the price"});
  }
  SECTION("while it is paid for") {
    run.Sees(Pending(kHold));
    RequireFinds(run, {"res-l: PENDING in a look [7, 8] at 0 , but the price of its seats is 30"});
  }
  SECTION("for ever") {
    run = ExpiredRun();
    run.AtEnd(kHold) = Run::Cancelled(kHold, "HOLD_EXPIRED");
    RequireFinds(run, {"res-l: CANCELLED in the last read at 0 , but the price of its seats is"});
  }
  SECTION("for ever, even if the answer that shows it comes late") {
    run = ExpiredRun();
    run.AtEnd(kHold) = Run::Cancelled(kHold, "HOLD_EXPIRED");
    run.Sees(run.AtEnd(kHold));
    run.Sees(run.Held(kHold)).sent = 5;
    RequireFinds(run,
                 {"res-l: CANCELLED in the last read at 0 , but", "CANCELLED in a look [5, 6]"});
  }
  SECTION("nothing shows how far it came") {
    run = CancelledRun(kHold, "OUTCOME_UNKNOWN");
    RequirePasses(run);
    run.AtEnd(kHold) = run.Priced(run.AtEnd(kHold));
    RequirePasses(run);
  }
  SECTION("of seats that exist") {
    Order nowhere = kNoSeat;
    nowhere.hold = true;
    run = CancelledRun(nowhere, "SEAT_NOT_FOUND");
    Shown held = Pending(nowhere);
    held.status = Status::kHeld;
    run.Sees(held);
    RequireFinds(run, {"res-n: HELD in a look [3, 4] with a seat that does not exist",
                       "res-n: cancelled for SEAT_NOT_FOUND, but had its seats in a look [3, 4]",
                       "res-n: CANCELLED in the last read at 0 "});
  }
}

// --- Reasons ------------------------------------------------------------------------------------

TEST_CASE("checker: what expires is a hold that was not paid for") {
  SECTION("honest") { RequirePasses(ExpiredRun()); }
  SECTION("after four payments were declined") {
    Run run = ExpiredRun();
    IsDeclined(run, 4);
    run.EndsUnpaid(kHold, "HOLD_EXPIRED", 4);
    RequirePasses(run);
  }
  SECTION("after five") {
    Run run = ExpiredRun();
    IsDeclined(run, 5);
    run.EndsUnpaid(kHold, "HOLD_EXPIRED", 5);
    RequireFinds(run, {"res-l: cancelled for HOLD_EXPIRED, but charged 0 times, declined 5 times"});
  }
  SECTION("paid for") {
    Run run = ExpiredRun();
    run.Pays(kHold, "visa");
    run.AccountOf(kHold) = {.captured_minor = 30, .refunded_minor = 30, .captures = 1};
    RequireFinds(run, {"res-l: cancelled for HOLD_EXPIRED, but charged 1 times, declined 0 times"});
  }
  SECTION("never held") {
    RequireFinds(CancelledRun(kHold, "HOLD_EXPIRED"),
                 {"res-l: cancelled for HOLD_EXPIRED, but it was never held"});
  }
  SECTION("no hold") {
    RequireFinds(CancelledRun(kA, "HOLD_EXPIRED"),
                 {"res-a: cancelled for HOLD_EXPIRED, but it is paid for at once"});
  }
}

TEST_CASE("checker: a hold is cancelled for a decline after five of them") {
  Run run;
  run.Accepted(kHold);
  for (int i = 0; i < 4; ++i) run.PaysUnheard(kHold, "broke");
  run.EndsUnpaid(kHold, kNo, 5);
  SECTION("honest") {
    run.PaysUnheard(kHold, "empty");
    RequirePasses(run);
  }
  SECTION("without its price") {
    run.PaysUnheard(kHold, "empty");
    run.AtEnd(kHold) = Run::Cancelled(kHold, kNo);
    RequireFinds(run, {"res-l: cancelled for PAYMENT_DECLINED, but it was never held"});
  }
  SECTION("four") {
    run.PaysUnheard(kHold, "visa");
    run.AccountOf(kHold).declines = 4;
    RequireFinds(run, {"res-l: cancelled for PAYMENT_DECLINED, but only 4 payments with a card",
                       "res-l: cancelled for PAYMENT_DECLINED, but charged 0 times, declined 4"});
  }
  SECTION("the fifth came later") {
    run.Sees(run.AtEnd(kHold));
    run.PaysUnheard(kHold, "broke");
    RequireFinds(run, {"res-l: cancelled for PAYMENT_DECLINED, but only 4 payments with a card"});
  }
  SECTION("a retry is no other payment") {
    run.PaysUnheard(kHold, "broke", "pay-4");
    run.AccountOf(kHold).declines = 4;
    RequireFinds(run, {"res-l: cancelled for PAYMENT_DECLINED, but only 4 payments with a card",
                       "res-l: cancelled for PAYMENT_DECLINED, but charged 0 times, declined 4"});
  }
  SECTION("and one that was not") {
    run.PaysUnheard(kHold, "broke");
    run.PaysUnheard(kHold, "visa");
    run.AccountOf(kHold).captured_minor = 30;
    run.AccountOf(kHold).refunded_minor = 30;
    run.AccountOf(kHold).captures = 1;
    RequireFinds(run, {"res-l: cancelled for PAYMENT_DECLINED, but charged 1 times, declined 5",
                       "res-l: charged 1 times and declined 5 times, which is too often"});
  }
}

TEST_CASE("checker: a hold that was refused its seats was never HELD") {
  Run run;
  run.Accepted(kB);
  run.EndsConfirmed(kB);
  run.Accepted(kHold);
  run.EndsCancelled(kHold, "SEAT_NOT_AVAILABLE");
  SECTION("honest") { RequirePasses(run); }
  SECTION("it has a price") {
    run.AtEnd(kHold) = run.Priced(run.AtEnd(kHold));
    RequireFinds(run, {"res-l: cancelled for SEAT_NOT_AVAILABLE, but had its seats in the last"});
  }
}

// --- Cards --------------------------------------------------------------------------------------

TEST_CASE("checker: a hold is paid for with the cards of its payments") {
  Run run;
  run.Accepted(kHold);
  run.EndsConfirmed(kHold);
  SECTION("none") {
    RequireFinds(run, {"res-l: CONFIRMED in the last read, but no payment that may succeed",
                       "res-l: charged 1 times, but no payment that may succeed had been sent by "
                       "then; cards: none"});
  }
  SECTION("one that declines") {
    run.Pays(kHold, "broke");
    RequireFinds(run, {"res-l: CONFIRMED in the last read, but no payment that may succeed",
                       "res-l: charged 1 times, but no payment that may succeed had been sent by "
                       "then; cards: broke"});
  }
  SECTION("one that was refused") {
    run.IsNotPaid(kHold, "ETAG_MISMATCH");
    RequireFinds(run, {"res-l: CONFIRMED in the last read, but no payment that may succeed",
                       "res-l: charged 1 times, but no payment"});
  }
  SECTION("one of two") {
    run.PaysUnheard(kHold, "broke");
    run.PaysUnheard(kHold, "sticky");
    RequirePasses(run);
  }
  SECTION("one that came later") {
    run.Sees(run.Confirmed(kHold));
    run.PaysUnheard(kHold, "visa");
    RequireFinds(run, {"res-l: CONFIRMED in a look [3, 4], but no payment that may succeed"});
  }
  SECTION("what is free too, with any card") {
    run = Run();
    run.Accepted(kFreeHold);
    run.EndsConfirmed(kFreeHold);
    run.Sees(run.Confirmed(kFreeHold));
    RequireFinds(run, {"res-g: CONFIRMED in a look [3, 4], but no payment that may succeed"});
    run.PaysUnheard(kFreeHold, "broke").sent = 0;
    RequirePasses(run);
  }
  SECTION("which alone can be declined") {
    run.PaysUnheard(kHold, "visa");
    run.PaysUnheard(kHold, "broke");
    run.AccountOf(kHold).declines = 1;
    RequirePasses(run);
    run.AccountOf(kHold).declines = 2;
    RequireFinds(run, {"res-l: declined 2 times, but paid for with visa, broke"});
  }
  SECTION("once") {
    run.PaysUnheard(kHold, "visa");
    run.PaysUnheard(kHold, "visa");
    run.AccountOf(kHold) = {.captured_minor = 60, .refunded_minor = 30, .captures = 2};
    RequireFinds(run, {"res-l: charged 2 times and declined 0 times, which is too often"});
  }
  SECTION("one of which a refund is refused") {
    run.PaysUnheard(kHold, "sticky");
    run.EndsParked(kHold);
    run.AtEnd(kHold) = run.Paying(kHold);
    RequirePasses(run);
    run.history.wishes[0].card = "visa";
    RequireFinds(run, {"res-l: parked without a cause: no refund for the card visa is refused"});
  }
}

TEST_CASE("checker: a reservation that is paid for at once is declined once") {
  Run run = CancelledRun(kBroke, kNo);
  run.AccountOf(kBroke) = {.declines = 1};
  RequirePasses(run);
  run.AccountOf(kBroke) = {.declines = 2};
  RequireFinds(run, {"res-d: declined 2 times, but paid for with broke",
                     "res-d: charged 0 times and declined 2 times, which is too often"});
}

// --- Seats --------------------------------------------------------------------------------------

TEST_CASE("checker: what becomes CONFIRMED has had its seats since it was HELD") {
  Run run = PaidRun();
  SECTION("not before") {
    run.SeesSeat("1", "").sent = 3;
    RequirePasses(run);
  }
  SECTION("without interruption") {
    run.SeesSeat("1", "");
    RequireFinds(run, {"seat hamlet 1: held by nobody in a look at seats [7, 8], while res-l holds "
                       "it for certain, from 4 for ever"});
  }
  SECTION("also seen while it was paid for") {
    run.history.looks.clear();
    run.SeesSeat("1", "");
    RequireFinds(run, {"seat hamlet 1: held by nobody in a look at seats [7, 8], while res-l holds "
                       "it for certain, from 6 for ever"});
  }
  SECTION("so that no other has them") {
    run.Accepted(kB);
    run.SeesSeat("3", "res-b");
    run.SeesSeat("3", "res-b");
    run.EndsCancelled(kB, "OUTCOME_UNKNOWN");
    RequireFinds(run, {"seat hamlet 2: sold twice: from 10 to 11 both res-b and res-l hold it"});
  }
}

TEST_CASE("checker: what expires gives its seats back some time before that shows") {
  Run run = ExpiredRun();
  run.SeesSeat("1", "");
  run.Sees(run.Held(kHold));
  RequirePasses(run);
}

TEST_CASE("checker: a hold keeps its seats while its payments are charged") {
  Run run;
  run.Accepted(kHold);
  run.Sees(run.Held(kHold));
  run.PaysUnheard(kHold, "broke");
  run.SeesSeat("1", "");
  run.PaysUnheard(kHold, "visa");
  run.PaysUnheard(kHold, "broke");
  SECTION("the second was declined, so that the seats were there") {
    run.EndsUnpaid(kHold, "HOLD_EXPIRED", 2);
    RequireFinds(run, {"seat hamlet 1: held by nobody in a look at seats [7, 8], while res-l holds "
                       "it for certain, from 4 to 11"});
  }
  SECTION("only one was declined, maybe the first") {
    run.EndsUnpaid(kHold, "HOLD_EXPIRED", 1);
    RequirePasses(run);
  }
  SECTION("none was declined") {
    run.EndsUnpaid(kHold, "HOLD_EXPIRED");
    RequirePasses(run);
  }
  SECTION("more than there were") {
    run.EndsUnpaid(kHold, "HOLD_EXPIRED", 3);
    RequireFinds(run, {"res-l: declined 3 times, but paid for with broke, visa, broke"});
  }
}

TEST_CASE("checker: a hold that an operator had undone had its seats until then") {
  Run run;
  run.Accepted(kHold);
  run.Sees(run.Held(kHold));
  run.SeesSeat("1", "");
  run.Compensates(kHold);
  run.EndsUnpaid(kHold, "CANCELLED_BY_OPERATOR");
  RequireFinds(run, {"seat hamlet 1: held by nobody in a look at seats [5, 6], while res-l holds "
                     "it for certain, from 4 to 7"});
  run.EndsUnpaid(kHold, "OUTCOME_UNKNOWN");
  RequirePasses(run);
}

}  // namespace
}  // namespace seatsaga::simulation
