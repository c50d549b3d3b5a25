// Payments, extensions and cancellations: how they are answered, and why refused.
#include <catch2/catch.hpp>
#include <string>

#include "tests/unit/simulation/checker_run.h"

namespace seatsaga::simulation {
namespace {

// HELD, and later paid for without an answer.
Run HeldRun() {
  Run run;
  run.Accepted(kHold);
  run.Sees(run.Held(kHold));
  run.PaysUnheard(kHold, "visa", "pay-x");
  run.EndsConfirmed(kHold);
  return run;
}

TEST_CASE("checker: a wish is answered with the reservation that it is for") {
  Run run = HeldRun();
  run.Accepted(kC);
  run.EndsConfirmed(kC);
  const auto confirmed = run.Confirmed(kC);
  SECTION("a payment") {
    run.Pays(kHold, "visa", "pay-x").shown = confirmed;
    RequireFinds(run, {"res-l: a payment [9, 10] was answered with reservation res-c"});
  }
}

TEST_CASE("checker: only a hold is paid for later, or extended") {
  Run run = ConfirmedRun();
  SECTION("paid for") {
    run.Pays(kA, "visa").shown = run.Confirmed(kA);
    RequireFinds(run, {"res-a: a payment [3, 4] was accepted, but it is paid for at once"});
  }
  SECTION("extended") {
    run.Extends(kA, run.Confirmed(kA));
    RequireFinds(run, {"res-a: an extension [3, 4] was accepted, but it is paid for at once"});
  }
  SECTION("a hold") {
    run = HeldRun();
    run.Extends(kHold, run.Held(kHold)).sent = 4;
    run.history.wishes.back().ended = 5;
    RequirePasses(run);
  }
  SECTION("a hold that is not held yet") {
    run = HeldRun();
    run.history.looks.clear();
    run.Extends(kHold, Pending(kHold));
    RequirePasses(run);
  }
  SECTION("refused") {
    run.IsNotPaid(kA, "NOT_HELD");
    run.IsNotExtended(kA, "NOT_HELD");
    RequirePasses(run);
  }
}

TEST_CASE("checker: what is paid for was HELD before") {
  Run run = HeldRun();
  SECTION("honest") {
    run.Pays(kHold, "visa", "pay-x").shown = run.Confirmed(kHold);
    RequirePasses(run);
  }
  SECTION("so that it has a price") {
    run.history.looks.clear();
    run.Pays(kHold, "visa", "pay-x").shown = Pending(kHold);
    RequireFinds(run, {"res-l: a payment [7, 8] was accepted, but it is PENDING without a price"});
  }
  SECTION("so that it has failed if it is HELD again") {
    run.Pays(kHold, "visa", "pay-x").shown = run.Held(kHold);
    RequireFinds(run, {"res-l: a payment [7, 8] was accepted, but it is HELD without a failure"});
  }
  SECTION("so that it has a price later") {
    run.history.looks.clear();
    run.Pays(kHold, "visa", "pay-x");
    run.Sees(Pending(kHold));
    RequireFinds(run, {"res-l: PENDING in a look [9, 10] at 0 , but the price of its seats is 30"});
  }
}

TEST_CASE("checker: a cancellation that is accepted shows that") {
  Run run = ConfirmedRun();
  run.CancelsUnheard(kA).sent = 1;
  run.EndsRefundedInPart(kA);
  run.history.end.seats[{"hamlet", "1"}] = "";
  run.history.end.seats[{"hamlet", "2"}] = "";
  SECTION("honest") {
    run.Cancels(kA, run.Refunded(kA));
    RequirePasses(run);
  }
  SECTION("what was not heard does not count") {
    run.Cancels(kA, run.Confirmed(kA)).heard = Heard::kNothing;
    RequirePasses(run);
  }
  SECTION("it is CONFIRMED") {
    run.Cancels(kA, run.Confirmed(kA));
    RequireFinds(run, {"res-a: a cancellation [5, 6] was accepted, but it is CONFIRMED"});
  }
}

TEST_CASE("checker: a validation shows what would be") {
  Run run;
  run.Accepted(kA);
  SECTION("of one that is not CONFIRMED yet") {
    run.Validates(kA, Run::Cancelling(kA));
    run.EndsConfirmed(kA);
    run.Sees(run.Confirmed(kA));
    RequirePasses(run);
  }
  SECTION("of one that is CONFIRMED, and stays so") {
    run.Sees(run.Confirmed(kA));
    run.Validates(kA, run.Refunding(kA));
    run.Sees(run.Confirmed(kA));
    run.EndsConfirmed(kA);
    RequirePasses(run);
  }
  SECTION("of one that has had its seats since it was CONFIRMED") {
    run.Validates(kA, run.Refunding(kA));
    run.EndsConfirmed(kA);
    run.SeesSeat("1", "");
    RequireFinds(run, {"seat hamlet 1: held by nobody in a look at seats [5, 6], while res-a holds "
                       "it for certain, from 4 for ever"});
  }
  SECTION("of one that was not seen CONFIRMED") {
    run.Validates(kA, run.Refunding(kA));
    run.EndsConfirmed(kA);
    RequirePasses(run);
  }
  SECTION("of a hold") {
    run.Accepted(kHold);
    run.Validates(kHold, Run::Cancelling(kHold));
    run.Sees(run.Held(kHold));
    run.EndsUnpaid(kHold, "HOLD_EXPIRED");
    run.EndsCancelled(kA, "OUTCOME_UNKNOWN");
    RequirePasses(run);
    run.Validates(kHold, Run::Cancelling(kHold));
    RequireFinds(run, {"res-l: CANCELLING in a cancellation [9, 10] at 0 , but the price"});
  }
  SECTION("and then it is done, by the same request") {
    run.Sees(run.Confirmed(kA));
    run.Validates(kA, run.Refunding(kA));
    run.Cancels(kA, run.Refunding(kA));
    run.EndsRefundedInPart(kA);
    RequirePasses(run);
  }
  SECTION("not as it is") {
    run.Validates(kA, Pending(kA));
    run.EndsConfirmed(kA);
    RequireFinds(run, {"res-a: a cancellation [3, 4] was accepted, but it is PENDING"});
  }
  SECTION("of the one that it is for") {
    Shown other = Run::Cancelling(kA);
    other.seats = {"1"};
    run.Validates(kA, other);
    run.EndsConfirmed(kA);
    RequireFinds(run, {"res-a: is request req-a of anna for hamlet 1 2, but would be request req-a "
                       "of anna for hamlet 1 in a cancellation [3, 4]"});
  }
  SECTION("with another refund") {
    run.Validates(kA, run.Refunding(kA)).shown->refund_minor = 30;
    run.EndsConfirmed(kA);
    RequireFinds(run, {"res-a: a refund of 30 in a cancellation [3, 4], but 33 percent of 30 are"});
  }
  SECTION("without the refund") {
    run.Sees(run.Confirmed(kA));
    run.Validates(kA, run.Priced(Run::Cancelling(kA)));
    run.EndsConfirmed(kA);
    RequireFinds(run, {"res-a: CONFIRMED in a look [3, 4], but there would be no refund in a "
                       "cancellation [5, 6]"});
  }
  SECTION("without the refund, because an operator was faster") {
    run.Sees(run.Confirmed(kA));
    run.Compensates(kA);
    run.Validates(kA, run.Priced(Run::Cancelling(kA)));
    run.EndsRefunded(kA, "CANCELLED_BY_OPERATOR");
    run.AtEnd(kA) = run.Priced(run.AtEnd(kA));
    RequirePasses(run);
  }
}

TEST_CASE("checker: what was accepted is accepted again") {
  Run run = HeldRun();
  run.IsNotPaid(kHold, "PAYMENT_UNDER_WAY", "pay-z");
  run.Pays(kHold, "visa", "pay-x");
  SECTION("honest") {
    run.Pays(kHold, "visa", "pay-x");
    RequirePasses(run);
  }
  SECTION("unless the service is overloaded") {
    run.IsNotPaid(kHold, "OVERLOADED", "pay-x");
    RequirePasses(run);
  }
  SECTION("refused before") {
    run.IsNotPaid(kHold, "ETAG_MISMATCH", "pay-x");
    run.history.wishes.back().sent = 7;
    RequirePasses(run);
  }
  SECTION("another one is refused") {
    run.IsNotPaid(kHold, "ALREADY_PAID");
    RequirePasses(run);
  }
  SECTION("refused") {
    run.IsNotPaid(kHold, "ALREADY_PAID", "pay-x");
    RequireFinds(run, {"res-l: a payment [9, 10] was accepted, but its retry refused in a payment "
                       "[11, 12] as ALREADY_PAID"});
  }
  SECTION("not even because it has changed since") {
    run.IsNotPaid(kHold, "ETAG_MISMATCH", "pay-x");
    RequireFinds(run, {"its retry refused in a payment [11, 12] as ETAG_MISMATCH"});
  }
  SECTION("nor because it is cancelled") {
    run.IsNotPaid(kHold, "RESERVATION_CANCELLED", "pay-x");
    run.EndsUnpaid(kHold, "OUTCOME_UNKNOWN");
    run.history.end.seats[{"hamlet", "1"}] = "";
    run.history.end.seats[{"hamlet", "2"}] = "";
    run.history.end.accounts.clear();
    RequireFinds(run, {"its retry refused in a payment [11, 12] as RESERVATION_CANCELLED"});
  }
  SECTION("refused as a validation, which is no retry") {
    run = ConfirmedRun();
    run.Cancels(kA, run.Refunding(kA));
    run.EndsRefundedInPart(kA);
    run.history.end.seats[{"hamlet", "1"}] = "";
    run.history.end.seats[{"hamlet", "2"}] = "";
    run.IsNotCancelled(kA, "CANCELLATION_UNDER_WAY");
    run.history.wishes.back().only_validates = true;
    RequirePasses(run);
    run.history.wishes.back().only_validates = false;
    RequireFinds(run, {"res-a: CANCELLATION_UNDER_WAY in a cancellation [5, 6], but no other",
                       "res-a: a cancellation [3, 4] was accepted, but its retry refused in a "
                       "cancellation [5, 6] as CANCELLATION_UNDER_WAY"});
  }
}

TEST_CASE("checker: only so much is accepted") {
  Run run;
  run.Accepted(kHold);
  SECTION("one cancellation") {
    run.Cancels(kHold, Run::Cancelling(kHold));
    run.Cancels(kHold, Run::Cancelling(kHold));
    run.Validates(kHold, Run::Cancelling(kHold), "cancel-2");
    run.EndsCancelled(kHold, "CANCELLED_BY_CLIENT");
    RequirePasses(run);
    run.history.wishes[1].request_id = "cancel-2";
    run.history.wishes[1].sent = 3;
    RequireFinds(run, {"res-l: more than 1 were accepted, the last in a cancellation [3, 6]"});
  }
  SECTION("five payments") {
    for (int i = 0; i < 5; ++i) run.Pays(kHold, "broke");
    run.EndsUnpaid(kHold, "PAYMENT_DECLINED", 5);
    RequirePasses(run);
    run.Pays(kHold, "broke");
    RequireFinds(run, {"res-l: more than 5 were accepted, the last in a payment [13, 14]"});
  }
}

TEST_CASE("checker: what comes too late is not accepted") {
  Run run = HeldRun();
  SECTION("a payment of what is CONFIRMED") {
    run.Sees(run.Confirmed(kHold));
    run.Pays(kHold, "visa").shown = run.Confirmed(kHold);
    RequireFinds(run,
                 {"res-l: a payment [9, 10] was accepted, but came after a look [7, 8], when"});
  }
  SECTION("a payment of what is CONFIRMED, sent before") {
    run.PaysUnheard(kHold, "visa", "pay-y");
    run.Sees(run.Confirmed(kHold));
    run.Pays(kHold, "visa", "pay-y").shown = run.Confirmed(kHold);
    RequirePasses(run);
  }
  SECTION("a payment of what is CANCELLED") {
    run.EndsUnpaid(kHold, "HOLD_EXPIRED");
    run.history.end.accounts.clear();
    run.history.end.seats[{"hamlet", "1"}] = "";
    run.history.end.seats[{"hamlet", "2"}] = "";
    run.Sees(run.AtEnd(kHold));
    run.Pays(kHold, "visa").shown = run.AtEnd(kHold);
    RequireFinds(run,
                 {"res-l: a payment [9, 10] was accepted, but came after a look [7, 8], when"});
  }
  SECTION("a payment of what was CONFIRMED, then cancelled") {
    run.Sees(run.Confirmed(kHold));
    run.Cancels(kHold, run.Refunding(kHold));
    run.PaysUnheard(kHold, "visa", "pay-y").sent = 9;
    run.Pays(kHold, "visa", "pay-y").shown = run.Refunding(kHold);
    run.EndsRefundedInPart(kHold);
    run.history.end.seats[{"hamlet", "1"}] = "";
    run.history.end.seats[{"hamlet", "2"}] = "";
    RequireFinds(run, {"res-l: a payment [13, 14] was accepted, but came after a look [7, 8]"});
  }
  SECTION("a cancellation of what is CANCELLED") {
    run = CancelledRun(kA, "OUTCOME_UNKNOWN");
    run.Sees(run.AtEnd(kA));
    run.Cancels(kA, run.AtEnd(kA));
    RequireFinds(run, {"res-a: a cancellation [5, 6] was accepted, but came after a look [3, 4]"});
  }
  SECTION("but a cancellation of what is CONFIRMED is not too late") {
    run.Sees(run.Confirmed(kHold));
    run.Cancels(kHold, run.Refunding(kHold));
    run.EndsRefundedInPart(kHold);
    run.history.end.seats[{"hamlet", "1"}] = "";
    run.history.end.seats[{"hamlet", "2"}] = "";
    RequirePasses(run);
  }
}

// --- Refusals -----------------------------------------------------------------------------------

TEST_CASE("checker: a wish is refused for a reason that fits it") {
  Run run = HeldRun();
  SECTION("overloaded") {
    run.IsNotPaid(kHold, "OVERLOADED");
    run.IsNotExtended(kHold, "OVERLOADED");
    run.IsNotCancelled(kHold, "OVERLOADED");
    run.IsNotPaid(kHold, "ETAG_MISMATCH");
    run.IsNotExtended(kHold, "ETAG_MISMATCH");
    run.IsNotCancelled(kHold, "ETAG_MISMATCH");
    RequirePasses(run);
  }
  SECTION("a request id is not reused") {
    run.IsNotPaid(kHold, "REQUEST_ID_REUSED");
    run.IsNotCancelled(kHold, "REQUEST_ID_REUSED");
    RequireFinds(run, {"res-l: REQUEST_ID_REUSED in a payment [7, 8], which is no reason",
                       "res-l: REQUEST_ID_REUSED in a cancellation [9, 10], which is no reason"});
  }
  SECTION("no event starts") {
    run.IsNotCancelled(kHold, "EVENT_STARTED");
    RequireFinds(run, {"res-l: EVENT_STARTED in a cancellation [7, 8], which is no reason to"});
  }
  for (const char* error : {"NOT_HELD", "HOLD_EXPIRED", "ALREADY_PAID", "PAYMENT_UNDER_WAY"}) {
    SECTION(std::string("what is paid for can be cancelled: ") + error) {
      run.Unheard(kC);
      run.IsNotCancelled(kC, error);
      run.EndsConfirmed(kC);
      RequireFinds(
          run, {std::string("res-c: ") + error + " in a cancellation [9, 10], which is no reason"});
    }
  }
  SECTION("who pays does not cancel") {
    run.CancelsUnheard(kHold);
    run.IsNotPaid(kHold, "CANCELLATION_UNDER_WAY");
    run.EndsRefundedInPart(kHold);
    run.history.end.seats[{"hamlet", "1"}] = "";
    run.history.end.seats[{"hamlet", "2"}] = "";
    RequireFinds(run, {"res-l: CANCELLATION_UNDER_WAY in a payment [9, 10], which is no reason"});
  }
}

TEST_CASE("checker: who refuses a wish for what a reservation is, has it") {
  Run run;
  for (const char* error :
       {"NOT_HELD", "HOLD_EXPIRED", "ALREADY_PAID", "PAYMENT_UNDER_WAY", "RESERVATION_CANCELLED",
        "CANCELLATION_UNDER_WAY", "ETAG_MISMATCH", "EVENT_STARTED"}) {
    run = Run();
    if (std::string(error) == "CANCELLATION_UNDER_WAY" || std::string(error) == "EVENT_STARTED") {
      run.IsNotCancelled(kHold, error);
    } else {
      run.IsNotPaid(kHold, error);
    }
    INFO(error);
    const std::vector<std::string> found = Check(run.history);
    REQUIRE(!found.empty());
    REQUIRE(found.back().find("known from") != std::string::npos);
  }
  run = Run();
  run.IsNotPaid(kHold, "OVERLOADED");
  run.IsNotPaid(kHold, "RESERVATION_NOT_FOUND");
  run.PaysUnheard(kHold, "visa");
  RequirePasses(run);
  run.Pays(kHold, "visa").shown.reset();
  RequireFinds(run, {"res-l: known from a payment [7, 8], but not there at the end"});
}

TEST_CASE("checker: a reservation that was shown is found by every wish") {
  Run run;
  run.IsNotPaid(kHold, "RESERVATION_NOT_FOUND");
  run.Accepted(kHold);
  run.EndsCancelled(kHold, "OUTCOME_UNKNOWN");
  RequirePasses(run);
  run.IsNotCancelled(kHold, "RESERVATION_NOT_FOUND");
  RequireFinds(run,
               {"res-l: known from a creation [3, 4], but not found by a cancellation [5, 6]"});
}

TEST_CASE("checker: NOT_HELD comes before a hold is HELD") {
  Run run;
  run.Accepted(kHold);
  run.IsNotPaid(kHold, "NOT_HELD");
  run.Sees(run.Held(kHold));
  run.EndsUnpaid(kHold, "HOLD_EXPIRED");
  SECTION("honest") { RequirePasses(run); }
  SECTION("an answer on its way may be older") {
    run.IsNotExtended(kHold, "NOT_HELD");
    run.history.wishes.back().sent = 6;
    RequirePasses(run);
  }
  SECTION("after") {
    run.IsNotExtended(kHold, "NOT_HELD");
    RequireFinds(run, {"res-l: NOT_HELD in an extension [7, 8], but it was by a look [5, 6]"});
  }
  SECTION("after it was cancelled") {
    run = CancelledRun(kHold, "OUTCOME_UNKNOWN");
    run.Sees(run.AtEnd(kHold));
    run.IsNotPaid(kHold, "NOT_HELD");
    RequireFinds(run, {"res-l: CANCELLED in a look [3, 4], but PENDING in a payment [5, 6]"});
  }
}

TEST_CASE("checker: PAYMENT_UNDER_WAY needs another payment") {
  Run run = HeldRun();
  SECTION("honest") {
    run.IsNotPaid(kHold, "PAYMENT_UNDER_WAY");
    run.IsNotExtended(kHold, "PAYMENT_UNDER_WAY");
    RequirePasses(run);
  }
  SECTION("not the same") {
    run.IsNotPaid(kHold, "PAYMENT_UNDER_WAY", "pay-x");
    RequireFinds(run, {"res-l: PAYMENT_UNDER_WAY in a payment [7, 8], but no other request may"});
  }
  SECTION("not one that came later") {
    run.IsNotExtended(kHold, "PAYMENT_UNDER_WAY");
    std::swap(run.history.wishes[0].sent, run.history.wishes[1].sent);
    std::swap(run.history.wishes[0].ended, run.history.wishes[1].ended);
    RequireFinds(run, {"res-l: PAYMENT_UNDER_WAY in an extension [5, 6], but no other request"});
  }
  SECTION("not after it was CONFIRMED") {
    run.Sees(run.Confirmed(kHold));
    run.IsNotPaid(kHold, "PAYMENT_UNDER_WAY");
    RequireFinds(run, {"res-l: CONFIRMED in a look [7, 8], but PENDING in a payment [9, 10]"});
  }
  SECTION("not of what is paid for at once") {
    run = ConfirmedRun();
    run.PaysUnheard(kA, "visa");
    run.IsNotPaid(kA, "PAYMENT_UNDER_WAY");
    RequireFinds(run, {"res-a: PAYMENT_UNDER_WAY in a payment [5, 6], but no other request may"});
  }
  SECTION("so that it was HELD") {
    run.history.looks.clear();
    run.IsNotPaid(kHold, "PAYMENT_UNDER_WAY");
    run.Sees(Pending(kHold));
    RequireFinds(run, {"res-l: PENDING in a look [9, 10] at 0 , but the price of its seats is 30"});
  }
  SECTION("so that it has failed when it is HELD") {
    run.IsNotPaid(kHold, "PAYMENT_UNDER_WAY");
    run.Sees(run.Held(kHold));
    RequireFinds(run,
                 {"res-l: paid for in a payment [7, 8], but HELD without a failure in a look"});
  }
}

TEST_CASE("checker: ALREADY_PAID says that it is CONFIRMED") {
  Run run = HeldRun();
  run.IsNotPaid(kHold, "ALREADY_PAID");
  SECTION("honest") { RequirePasses(run); }
  SECTION("so that a cancellation shows what it gives back") {
    run.Cancels(kHold, run.Refunding(kHold));
    run.EndsRefundedInPart(kHold);
    run.history.end.seats[{"hamlet", "1"}] = "";
    run.history.end.seats[{"hamlet", "2"}] = "";
    RequirePasses(run);
  }
  SECTION("not PENDING again") {
    run.Sees(run.Paying(kHold));
    RequireFinds(run, {"res-l: CONFIRMED in a payment [7, 8], but PENDING in a look [9, 10]"});
  }
  SECTION("not CANCELLED") {
    run.EndsUnpaid(kHold, "OUTCOME_UNKNOWN");
    run.history.end.accounts[kHold.id] = {
        .captured_minor = 30, .refunded_minor = 30, .captures = 1};
    run.history.end.seats[{"hamlet", "1"}] = "";
    run.history.end.seats[{"hamlet", "2"}] = "";
    RequireFinds(run, {"res-l: both CONFIRMED in a payment [7, 8] and CANCELLED in the last read"});
  }
  SECTION("not before") {
    run = CancelledRun(kHold, "OUTCOME_UNKNOWN");
    run.Sees(run.AtEnd(kHold));
    run.IsNotPaid(kHold, "ALREADY_PAID");
    run.CancelsUnheard(kHold).sent = 1;
    run.PaysUnheard(kHold, "visa").sent = 1;
    const std::vector<std::string> found = Check(run.history);
    REQUIRE(found.front().find("CANCELLED in a look [3, 4], but CONFIRMED in a payment [5, 6]") !=
            std::string::npos);
  }
  SECTION("and has its seats from then on") {
    run.history.looks.clear();
    run.SeesSeat("1", "");
    RequireFinds(run, {"seat hamlet 1: held by nobody in a look at seats [9, 10], while res-l "
                       "holds it for certain, from 8 for ever"});
  }
  SECTION("and has a price from then on") {
    run.history.looks.clear();
    run.CancelsUnheard(kHold);
    run.EndsRefundedInPart(kHold);
    run.AtEnd(kHold).paid_minor = 0;
    run.AtEnd(kHold).currency = "";
    run.history.end.seats[{"hamlet", "1"}] = "";
    run.history.end.seats[{"hamlet", "2"}] = "";
    RequireFinds(run, {"res-l: CANCELLED in the last read at 0 , but the price of its seats"});
  }
}

TEST_CASE("checker: RESERVATION_CANCELLED says that it is, or soon will be") {
  Run run = CancelledRun(kHold, "OUTCOME_UNKNOWN");
  run.IsNotPaid(kHold, "RESERVATION_CANCELLED");
  run.IsNotCancelled(kHold, "RESERVATION_CANCELLED");
  run.IsNotExtended(kHold, "RESERVATION_CANCELLED");
  SECTION("honest") { RequirePasses(run); }
  SECTION("not PENDING afterwards") {
    run.Sees(Pending(kHold));
    RequireFinds(run, {"res-l: CANCELLING in a payment [3, 4], but PENDING in a look [9, 10]"});
  }
  SECTION("and CANCELLING while it is parked") {
    run = Run();
    run.Accepted(kSticky);
    run.CancelsUnheard(kSticky);
    run.IsNotCancelled(kSticky, "RESERVATION_CANCELLED", "cancel-2");
    run.EndsParked(kSticky);
    run.AtEnd(kSticky) = Run::Cancelling(kSticky);
    RequirePasses(run);
    run.AtEnd(kSticky) = Pending(kSticky);
    RequireFinds(run, {"res-s: CANCELLING in a cancellation [5, 6], but PENDING in the last read"});
  }
  SECTION("not once it was CANCELLED before") {
    run.Sees(run.AtEnd(kHold));
    run.IsNotPaid(kHold, "RESERVATION_CANCELLED");
    RequirePasses(run);
  }
}

TEST_CASE("checker: CANCELLATION_UNDER_WAY needs another cancellation") {
  Run run;
  run.Accepted(kA);
  run.EndsCancelled(kA, "CANCELLED_BY_CLIENT");
  run.CancelsUnheard(kA);
  SECTION("honest") {
    run.IsNotCancelled(kA, "CANCELLATION_UNDER_WAY", "cancel-2");
    RequirePasses(run);
  }
  SECTION("not the same") {
    run.IsNotCancelled(kA, "CANCELLATION_UNDER_WAY");
    RequireFinds(run, {"res-a: CANCELLATION_UNDER_WAY in a cancellation [5, 6], but no other"});
  }
  SECTION("not a validation") {
    run.IsNotCancelled(kA, "CANCELLATION_UNDER_WAY", "cancel-2");
    run.history.wishes[0].only_validates = true;
    run.EndsCancelled(kA, "OUTCOME_UNKNOWN");
    RequireFinds(run, {"res-a: CANCELLATION_UNDER_WAY in a cancellation [5, 6], but no other"});
  }
  SECTION("not PENDING afterwards") {
    run.IsNotCancelled(kA, "CANCELLATION_UNDER_WAY", "cancel-2");
    run.Sees(Pending(kA));
    RequireFinds(run, {"res-a: CANCELLING in a cancellation [5, 6], but PENDING in a look [7, 8]"});
  }
  SECTION("not once it was CANCELLED") {
    run.Sees(run.AtEnd(kA));
    run.IsNotCancelled(kA, "CANCELLATION_UNDER_WAY", "cancel-2");
    RequireFinds(run, {"res-a: CANCELLED in a look [5, 6], but CANCELLING in a cancellation"});
  }
}

TEST_CASE("checker: HOLD_ENDED says to who extends a hold that its saga knows more") {
  Run run;
  run.Accepted(kHold);
  run.Sees(run.Held(kHold));
  SECTION("some time before that shows") {
    run.IsNotExtended(kHold, "HOLD_ENDED");
    run.Sees(run.Held(kHold));
    run.EndsUnpaid(kHold, "OUTCOME_UNKNOWN");
    RequirePasses(run);
  }
  SECTION("and not to who pays") {
    run.EndsUnpaid(kHold, "HOLD_EXPIRED");
    run.IsNotPaid(kHold, "HOLD_ENDED");
    RequireFinds(run, {"res-l: HOLD_ENDED in a payment [5, 6], but only an extension"});
  }
  SECTION("nor of what is no hold") {
    run.EndsUnpaid(kHold, "HOLD_EXPIRED");
    run.Accepted(kC);
    run.EndsConfirmed(kC);
    run.IsNotExtended(kC, "HOLD_ENDED");
    RequireFinds(run, {"res-c: HOLD_ENDED in an extension [7, 8], but only an extension"});
  }
}

TEST_CASE("checker: HOLD_EXPIRED says that it is cancelled for that") {
  Run run;
  run.Accepted(kHold);
  run.Sees(run.Held(kHold));
  run.EndsUnpaid(kHold, "HOLD_EXPIRED");
  SECTION("to who pays") {
    run.IsNotPaid(kHold, "HOLD_EXPIRED");
    RequirePasses(run);
  }
  SECTION("to who extends it") {
    run.IsNotExtended(kHold, "HOLD_EXPIRED");
    RequirePasses(run);
  }
  SECTION("not HELD afterwards") {
    run.IsNotPaid(kHold, "HOLD_EXPIRED");
    run.Sees(run.Held(kHold));
    RequireFinds(run, {"res-l: CANCELLED in a payment [5, 6], but HELD in a look [7, 8]"});
  }
  SECTION("so that it is too late to cancel it") {
    run.IsNotPaid(kHold, "HOLD_EXPIRED");
    run.Cancels(kHold, run.AtEnd(kHold));
    RequireFinds(run, {"res-l: a cancellation [7, 8] was accepted, but came after a payment"});
  }
  SECTION("so that it holds no seat") {
    run.IsNotPaid(kHold, "HOLD_EXPIRED");
    run.SeesSeat("1", "res-l");
    RequireFinds(run, {"seat hamlet 1: held by res-l in a look at seats [7, 8], but that was "
                       "CANCELLED in a payment [5, 6]"});
  }
  SECTION("for another reason") {
    run.IsNotPaid(kHold, "HOLD_EXPIRED");
    run.EndsUnpaid(kHold, "OUTCOME_UNKNOWN");
    RequireFinds(run, {"res-l: HOLD_EXPIRED in a payment [5, 6], but it has not expired"});
  }
  SECTION("of what is no hold") {
    run.Accepted(kC);
    run.EndsConfirmed(kC);
    run.IsNotExtended(kC, "HOLD_EXPIRED");
    RequireFinds(run, {"res-c: HOLD_EXPIRED in an extension [7, 8], but it has not expired"});
  }
}

// A copy of a request that was refused may still be obeyed: then the error says only what it was.
TEST_CASE("checker: an error counts even if the request may still have its effect") {
  Run run = HeldRun();
  run.IsNotPaid(kHold, "REQUEST_ID_REUSED");
  run.history.wishes.back().heard = Heard::kNothing;
  RequireFinds(run, {"res-l: REQUEST_ID_REUSED in a payment [7, 8], which is no reason"});
}

}  // namespace
}  // namespace seatsaga::simulation
