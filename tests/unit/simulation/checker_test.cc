#include <catch2/catch.hpp>
#include <string>

#include "tests/unit/simulation/checker_run.h"

namespace seatsaga::simulation {
namespace {

// --- Identity -----------------------------------------------------------------------------------

TEST_CASE("checker: retries of one request show one reservation, as it was asked for") {
  Run run = ConfirmedRun();
  run.Accepted(kA);
  run.Sees(run.Confirmed(kA)).shown->status = Status::kConfirmed;
  SECTION("honest") { RequirePasses(run); }
  SECTION("another reservation for the same request") {
    run.Accepted(WithId(kA, "res-z"));
    run.EndsCancelled(WithId(kA, "res-z"), "OUTCOME_UNKNOWN");
    RequireFinds(run, {"request req-a: has two reservations, res-a (a creation [1, 2]) and res-z"});
  }
  SECTION("an answer about something else") {
    run.history.creations.back().shown->user = "eve";
    RequireFinds(run, {"the creation sent at 3 was request req-a of anna for hamlet 1 2, but its "
                       "answer shows request req-a of eve",
                       "was request req-a of anna for hamlet 1 2 in a creation [1, 2], but is "
                       "request req-a of eve for hamlet 1 2 in a creation [3, 4]"});
  }
}

TEST_CASE("checker: a creation is answered with what it asked for") {
  // The reservation itself is consistent, so that only the answer gives it away.
  Run run = ConfirmedRun();
  run.Unheard(kB);
  run.history.creations.back().heard = Heard::kAnswer;
  run.history.creations.back().shown = Pending(kA);
  RequireFinds(run, {"the creation sent at 3 was request req-b of bert for hamlet 2 3, but its "
                     "answer shows request req-a of anna for hamlet 1 2"});
}

TEST_CASE("checker: what a reservation is about never changes") {
  Run run = ConfirmedRun();
  SECTION("its seats, not even their order") {
    Shown other = run.Confirmed(kA);
    other.seats = {"2", "1"};
    run.Sees(other);
    RequireFinds(run, {"was request req-a of anna for hamlet 1 2 in a creation [1, 2], but is "
                       "request req-a of anna for hamlet 2 1 in a look [3, 4]"});
  }
  SECTION("its request") {
    run.AtEnd(kA).request_id = "req-z";
    RequireFinds(run, {"but is request req-z of anna for hamlet 1 2 in the last read"});
  }
}

TEST_CASE("checker: what was not heard was not shown") {
  Run run = ConfirmedRun();
  run.Accepted(kC);
  run.history.creations.back().heard = Heard::kNothing;
  run.Sees(Pending(kC)).heard = Heard::kNothing;
  RequirePasses(run);
}

TEST_CASE("checker: a look is answered with the reservation that was asked for") {
  Run run = ConfirmedRun();
  run.Accepted(kC);
  run.EndsConfirmed(kC);
  run.Looks(kA.id, Pending(kC));
  RequireFinds(run, {"reservation res-a: a look [5, 6] was answered with reservation res-c"});
}

TEST_CASE("checker: of two bodies under one request id, the first accepted wins") {
  Run run;
  Order other = With(kA, "sticky");
  SECTION("the other is refused") {
    run.Accepted(kA);
    run.Refused(other, "REQUEST_ID_REUSED");
    run.EndsConfirmed(kA);
    RequirePasses(run);
  }
  SECTION("the other comes first, unheard") {
    run.Unheard(other);
    run.Refused(kA, "REQUEST_ID_REUSED");
    run.EndsConfirmed(other);
    RequirePasses(run);
  }
  SECTION("both are unheard: either may be the one") {
    run.Unheard(kA);
    run.Unheard(With(kA, "broke"));
    run.EndsConfirmed(kA);
    RequirePasses(run);
  }
  SECTION("both are answered") {
    run.Accepted(kA);
    run.Accepted(other);
    run.EndsConfirmed(kA);
    RequireFinds(run, {"request req-a: two bodies were answered with a reservation"});
  }
  SECTION("one is accepted and refused") {
    run.Unheard(other);
    run.Accepted(kA);
    run.Refused(kA, "REQUEST_ID_REUSED");
    run.EndsConfirmed(kA);
    RequireFinds(run, {"its body was accepted (a creation [3, 4]) and refused as that of another "
                       "(a creation [5, 6])"});
  }
  SECTION("refused although no other body has been sent") {
    run.Refused(other, "REQUEST_ID_REUSED");
    run.Accepted(kA);
    run.EndsConfirmed(kA);
    RequireFinds(run, {"REQUEST_ID_REUSED in a creation [1, 2], but no other body may have been"});
  }
  SECTION("refused although the other body was refused too") {
    run.Refused(kA, "OVERLOADED");
    run.Refused(other, "REQUEST_ID_REUSED");
    run.Accepted(kA);
    run.EndsConfirmed(kA);
    RequireFinds(run, {"REQUEST_ID_REUSED in a creation [3, 4], but no other body may have been"});
  }
  SECTION("refused for a reservation that is not there at the end") {
    run.Unheard(kA);
    run.Refused(other, "REQUEST_ID_REUSED");
    RequireFinds(run, {"says that it has a reservation, but at the end there is none"});
  }
  SECTION("the refused body becomes the reservation") {
    run.Unheard(kA);
    run.Refused({kA.id, kA.request, {"3"}}, "REQUEST_ID_REUSED");
    run.EndsConfirmed({kA.id, kA.request, {"3"}});
    RequireFinds(run, {"no creation that may have been accepted asked for it: request req-a"});
  }
  SECTION("the refused body becomes the reservation, after it was sent before") {
    const Order late{kA.id, kA.request, {"3"}};
    run.Unheard(kA);
    run.Unheard(late);
    run.Refused(late, "REQUEST_ID_REUSED");
    run.EndsConfirmed(late);
    RequireFinds(run, {"no creation that may have been accepted asked for it: request req-a"});
  }
  SECTION("the reservation has the card of the accepted body") {
    run.Accepted(kA);
    run.Unheard(With(kA, "broke"));
    run.EndsCancelled(kA, "PAYMENT_DECLINED");
    RequireFinds(run, {"res-a: cancelled for PAYMENT_DECLINED, but the card visa is never"});
  }
}

// --- Nothing is lost, nothing is invented -------------------------------------------------------

TEST_CASE("checker: what was acknowledged is there at the end") {
  Run run;
  SECTION("a creation") {
    run.Accepted(kA);
    RequireFinds(run, {"res-a: known from a creation [1, 2], but not there at the end"});
  }
  SECTION("a look") {
    run.Unheard(kA);
    run.Sees(Pending(kA));
    RequireFinds(run, {"res-a: known from a look [3, 4], but not there at the end"});
  }
  SECTION("a seat's holder") {
    run.SeesSeat("1", "res-z");
    RequireFinds(run, {"res-z: known from a look at seats [1, 2], but not there at the end"});
  }
  SECTION("a seat's holder at the end") {
    run.history.end.seats[{"hamlet", "1"}] = "res-z";
    RequireFinds(run, {"res-z: known from the last read, but not there at the end"});
  }
  SECTION("an operator's call") {
    run.Operator(Intervention::Kind::kRetry, kA, Heard::kAnswer);
    RequireFinds(run, {"res-a: known from an operator's call [1, 2], but not there at the end"});
  }
  SECTION("an operator's call that was refused says nothing") {
    run.Operator(Intervention::Kind::kRetry, kA, Heard::kNo);
    RequirePasses(run);
  }
  SECTION("what was never heard of need not be there") {
    run.Unheard(kA);
    RequirePasses(run);
  }
  SECTION("under its own id") {
    run = ConfirmedRun();
    run.Accepted(kC);
    run.EndsConfirmed(kC);
    run.history.end.reservations["res-z"] = run.history.end.reservations.at("res-c");
    RequireFinds(run, {"res-z: the last read shows it as res-c",
                       "res-z: CONFIRMED at the end, but its seat hamlet 3 is held by res-c"});
  }
}

TEST_CASE("checker: a reservation that was shown is found") {
  Run run;
  run.FindsNone(kA.id);
  run.Accepted(kA);
  run.EndsConfirmed(kA);
  SECTION("before, it need not be") { RequirePasses(run); }
  SECTION("at the same time, it need not be") {
    run.FindsNone(kA.id);
    run.history.looks.back().sent = run.history.creations.back().ended - 1;
    run.history.creations.back().ended = run.history.looks.back().sent + 1;
    RequirePasses(run);
  }
  SECTION("after") {
    run.FindsNone(kA.id);
    RequireFinds(run, {"res-a: known from a creation [3, 4], but not found by a look [5, 6]"});
  }
}

TEST_CASE("checker: every reservation was asked for") {
  Run run;
  SECTION("by an attempt of which nothing was heard") {
    run.Unheard(kA);
    run.EndsConfirmed(kA);
    RequirePasses(run);
  }
  SECTION("by an attempt after one that was refused") {
    run.Refused(kA, "OVERLOADED");
    run.Unheard(kA);
    run.EndsConfirmed(kA);
    RequirePasses(run);
  }
  SECTION("by none") {
    run.EndsConfirmed(kA);
    RequireFinds(run, {"res-a: no creation that may have been accepted asked for it: request "
                       "req-a of anna for hamlet 1 2, first seen by the last read"});
  }
  SECTION("by none, so that we know no card") {
    run.EndsCancelled(kBroke, "PAYMENT_DECLINED");
    run.AccountOf(kBroke) = {.declines = 1};
    RequireFinds(run, {"res-d: no creation that may have been accepted asked for it"});
  }
  SECTION("by one with another body") {
    run.Unheard({kA.id, kA.request, {"1"}});
    run.EndsConfirmed(kA);
    RequireFinds(run, {"res-a: no creation that may have been accepted asked for it"});
  }
  SECTION("by attempts that were all refused") {
    run.Refused(kA, "OVERLOADED");
    run.Refused(kA, "OVERLOADED");
    run.EndsConfirmed(kA);
    RequireFinds(run, {"res-a: no creation that may have been accepted asked for it"});
  }
  SECTION("later") {
    run.Sees(Pending(kA));
    run.Accepted(kA);
    run.EndsConfirmed(kA);
    RequireFinds(run, {"res-a: was seen by a look [1, 2] before the first creation that may have "
                       "made it, at 3"});
  }
}

// --- States -------------------------------------------------------------------------------------

TEST_CASE("checker: a confirmed reservation stays confirmed") {
  Run run = ConfirmedRun();
  run.Sees(run.Confirmed(kA));
  SECTION("honest") {
    run.Answered(kA, run.Confirmed(kA));
    RequirePasses(run);
  }
  SECTION("an answer on its way may be older") {
    run.Sees(Pending(kA)).sent = 3;
    RequirePasses(run);
  }
  SECTION("pending again") {
    run.Sees(Pending(kA));
    RequireFinds(run, {"res-a: CONFIRMED in a look [3, 4], but PENDING in a look [5, 6]"});
  }
  SECTION("pending at the end") {
    run.AtEnd(kA) = Pending(kA);
    RequireFinds(run, {"res-a: CONFIRMED in a look [3, 4], but PENDING in the last read",
                       "res-a: still PENDING at the end, and its saga is not parked",
                       "seat hamlet 1: held at the end by res-a, which is PENDING",
                       "seat hamlet 2: held at the end by res-a, which is PENDING"});
  }
}

TEST_CASE("checker: a confirmed reservation is cancelled by an operator only") {
  Run run;
  run.Accepted(kA);
  run.Sees(run.Confirmed(kA));
  run.EndsRefunded(kA, "CANCELLED_BY_OPERATOR");
  run.AtEnd(kA) = run.Priced(run.AtEnd(kA));
  const std::string both =
      "res-a: both CONFIRMED in a look [3, 4] and CANCELLED in the last read, "
      "and nobody had it undone";
  const std::string reason =
      "res-a: cancelled for CANCELLED_BY_OPERATOR in the last read, but no operator";
  SECTION("who was answered") {
    run.Compensates(kA);
    RequirePasses(run);
  }
  SECTION("who heard nothing") {
    run.Compensates(kA, Heard::kNothing);
    RequirePasses(run);
  }
  SECTION("and still shows what was paid") {
    run.Compensates(kA);
    run.AtEnd(kA) = Run::Cancelled(kA, "CANCELLED_BY_OPERATOR");
    RequireFinds(run,
                 {"res-a: CANCELLED in the last read at 0 , but the price of its seats is 30"});
  }
  SECTION("and shows what was paid even if it was never seen CONFIRMED") {
    run.Compensates(kA);
    run.history.looks.clear();
    RequirePasses(run);
  }
  SECTION("after it was charged") {
    run.Compensates(kA);
    run.history.end.accounts.clear();
    RequireFinds(run, {"res-a: CONFIRMED in a look [3, 4], but never charged"});
  }
  SECTION("who was refused") {
    run.Compensates(kA, Heard::kNo);
    RequireFinds(run, {both, reason});
  }
  SECTION("who retried it") {
    run.Operator(Intervention::Kind::kRetry, kA, Heard::kAnswer);
    RequireFinds(run, {both, reason});
  }
  SECTION("who came later") {
    run.Sees(run.AtEnd(kA));
    run.Compensates(kA);
    RequireFinds(run, {"res-a: both CONFIRMED in a look [3, 4] and CANCELLED in a look [5, 6]",
                       "res-a: cancelled for CANCELLED_BY_OPERATOR in a look [5, 6], but no"});
  }
}

TEST_CASE("checker: a cancelled reservation stays cancelled") {
  Run run;
  run.Accepted(kA);
  run.Compensates(kA);
  run.Sees(Run::Cancelled(kA, "CANCELLED_BY_OPERATOR"));
  run.EndsCancelled(kA, "CANCELLED_BY_OPERATOR");
  SECTION("honest") { RequirePasses(run); }
  SECTION("pending again") {
    run.Sees(Pending(kA));
    RequireFinds(run, {"res-a: CANCELLED in a look [5, 6], but PENDING in a look [7, 8]"});
  }
  SECTION("confirmed") {
    run.Sees(run.Confirmed(kA));
    RequireFinds(run, {"res-a: CANCELLED in a look [5, 6], but CONFIRMED in a look [7, 8]",
                       "res-a: CANCELLED in a look [5, 6] at 0 , but the price of its seats is 30",
                       "res-a: CANCELLED in the last read at 0 , but the price of its seats is 30",
                       "res-a: CONFIRMED in a look [7, 8], but never charged"});
  }
}

TEST_CASE("checker: at the end a reservation is pending only while parked") {
  Run run;
  run.Unheard(kSticky);
  SECTION("parked") {
    run.EndsParked(kSticky);
    RequirePasses(run);
  }
  SECTION("not parked") {
    run.history.end.reservations[kSticky.id] = Pending(kSticky);
    RequireFinds(run, {"res-s: still PENDING at the end, and its saga is not parked"});
  }
}

TEST_CASE("checker: an operator's promise to compensate is kept") {
  Run run = ConfirmedRun();
  SECTION("not promised") {
    run.Compensates(kA, Heard::kNothing);
    RequirePasses(run);
  }
  SECTION("promised") {
    run.Compensates(kA);
    RequireFinds(run, {"res-a: CONFIRMED at the end, but its compensation was promised by an "
                       "operator's call [3, 4]"});
  }
}

// --- What is shown ------------------------------------------------------------------------------

TEST_CASE("checker: a reason comes with a cancellation, and never changes") {
  SECTION("without one") {
    Run run = CancelledRun(kA, "");
    RequireFinds(run, {"res-a: CANCELLED in the last read with the reason \"\""});
  }
  SECTION("of a confirmed one") {
    Run run = ConfirmedRun();
    run.AtEnd(kA).reason = "OUTCOME_UNKNOWN";
    RequireFinds(run, {"res-a: CONFIRMED in the last read with the reason \"OUTCOME_UNKNOWN\""});
  }
  SECTION("another one") {
    Run run = CancelledRun(kA, "OUTCOME_UNKNOWN");
    run.Compensates(kA);
    run.Sees(Run::Cancelled(kA, "CANCELLED_BY_OPERATOR"));
    RequireFinds(run, {"res-a: cancelled for CANCELLED_BY_OPERATOR in a look [5, 6], but for "
                       "OUTCOME_UNKNOWN in the last read"});
  }
}

TEST_CASE("checker: the price is the sum of the seats' prices") {
  Run run = ConfirmedRun();
  SECTION("of another amount, once") {
    Shown cheap = run.Confirmed(kA);
    cheap.paid_minor = 10;
    run.Sees(cheap);
    RequireFinds(run, {"CONFIRMED in a look [3, 4] at 10 EUR, but the price of its seats is 30"});
  }
  SECTION("in another currency") {
    run.AtEnd(kA).currency = "USD";
    RequireFinds(run, {"res-a: CONFIRMED in the last read at 30 USD, but the price of its seats is "
                       "30 EUR"});
  }
  SECTION("nothing is paid yet") {
    Shown early = Pending(kA);
    early.paid_minor = 30;
    early.currency = "EUR";
    run.Sees(early);
    RequireFinds(run, {"PENDING in a look [3, 4] at 30 EUR, but the price of its seats is 30 EUR, "
                       "and it is paid only once CONFIRMED"});
  }
  SECTION("nothing was paid") {
    run = CancelledRun(kA, "OUTCOME_UNKNOWN");
    run.AtEnd(kA).paid_minor = 30;
    run.AtEnd(kA).currency = "EUR";
    RequireFinds(run, {"res-a: CANCELLED in the last read at 30 EUR"});
  }
}

// --- Reasons ------------------------------------------------------------------------------------

TEST_CASE("checker: a seat is refused because someone else may have it") {
  Run run;
  SECTION("who got it") {
    run.Accepted(kA);
    run.Answered(kB, Run::Cancelled(kB, "SEAT_NOT_AVAILABLE"));
    run.EndsConfirmed(kA);
    run.EndsCancelled(kB, "SEAT_NOT_AVAILABLE");
    RequirePasses(run);
  }
  SECTION("who lost it later") {
    run.Unheard(kA);
    run.Answered(kB, Run::Cancelled(kB, "SEAT_NOT_AVAILABLE"));
    run.EndsCancelled(kA, "OUTCOME_UNKNOWN");
    run.EndsCancelled(kB, "SEAT_NOT_AVAILABLE");
    RequirePasses(run);
  }
  SECTION("nobody else wanted it") {
    run = CancelledRun(kA, "SEAT_NOT_AVAILABLE");
    RequireFinds(run,
                 {"res-a: cancelled for SEAT_NOT_AVAILABLE (asked for at 1, seen by the last "
                  "read), but no other reservation may have held one of hamlet 1 2 in between"});
  }
  SECTION("the other wanted other seats") {
    run = CancelledRun(kA, "SEAT_NOT_AVAILABLE");
    run.Accepted(kC);
    run.EndsConfirmed(kC);
    RequireFinds(run, {"res-a: cancelled for SEAT_NOT_AVAILABLE"});
  }
  SECTION("the other came later") {
    run.Answered(kB, Run::Cancelled(kB, "SEAT_NOT_AVAILABLE"));
    run.Accepted(kA);
    run.EndsConfirmed(kA);
    run.EndsCancelled(kB, "SEAT_NOT_AVAILABLE");
    RequireFinds(run, {"res-b: cancelled for SEAT_NOT_AVAILABLE (asked for at 1, seen by a "
                       "creation [1, 2])"});
  }
  SECTION("the other was over") {
    run.Answered(kA, Run::Cancelled(kA, "OUTCOME_UNKNOWN"));
    run.Accepted(kB);
    run.EndsCancelled(kA, "OUTCOME_UNKNOWN");
    run.EndsCancelled(kB, "SEAT_NOT_AVAILABLE");
    RequireFinds(run, {"res-b: cancelled for SEAT_NOT_AVAILABLE (asked for at 3"});
  }
  SECTION("nobody else can want what does not exist") {
    run = CancelledRun(kNoSeat, "SEAT_NOT_AVAILABLE");
    RequireFinds(run, {"res-n: cancelled for SEAT_NOT_AVAILABLE (asked for at 1"});
  }
  SECTION("it was never asked for") {
    run.EndsCancelled(kA, "SEAT_NOT_AVAILABLE");
    RequireFinds(run, {"res-a: no creation that may have been accepted asked for it"});
  }
  SECTION("both lost to each other") {
    run.Unheard(kA);
    run.Unheard(kB);
    run.EndsCancelled(kA, "SEAT_NOT_AVAILABLE");
    run.EndsCancelled(kB, "SEAT_NOT_AVAILABLE");
    RequireFinds(run, {"res-a: cancelled for SEAT_NOT_AVAILABLE",
                       "res-b: cancelled for SEAT_NOT_AVAILABLE"});
  }
}

TEST_CASE("checker: a refused reservation held no seat and was not charged") {
  Run run;
  run.Accepted(kA);
  run.EndsConfirmed(kA);
  run.Accepted(kB);
  run.EndsCancelled(kB, "SEAT_NOT_AVAILABLE");
  SECTION("held") {
    run.SeesSeat("3", kB.id);
    RequireFinds(run, {"res-b: cancelled for SEAT_NOT_AVAILABLE, but held a seat in a look at "
                       "seats [5, 6]"});
  }
  SECTION("charged") {
    run.AccountOf(kB) = {.captured_minor = 50, .refunded_minor = 50, .captures = 1};
    RequireFinds(run, {"res-b: cancelled for SEAT_NOT_AVAILABLE, but charged 1 times"});
  }
  SECTION("declined") {
    run.AccountOf(kB) = {.declines = 1};
    RequireFinds(run, {"res-b: cancelled for SEAT_NOT_AVAILABLE, but charged 0 times, declined 1",
                       "res-b: declined 1 times, but paid for with visa"});
  }
}

TEST_CASE("checker: what is not found does not exist") {
  SECTION("no hall") { RequirePasses(CancelledRun(kNoHall, "EVENT_NOT_FOUND")); }
  SECTION("no seat") { RequirePasses(CancelledRun(kNoSeat, "SEAT_NOT_FOUND")); }
  SECTION("but there is a hall") {
    RequireFinds(CancelledRun(kNoSeat, "EVENT_NOT_FOUND"),
                 {"res-n: cancelled for EVENT_NOT_FOUND, but hamlet exists"});
  }
  SECTION("but there are the seats") {
    RequireFinds(CancelledRun(kA, "SEAT_NOT_FOUND"),
                 {"res-a: cancelled for SEAT_NOT_FOUND, but all its seats exist: hamlet 1 2"});
  }
  SECTION("but there is not even a hall") {
    RequireFinds(CancelledRun(kNoHall, "SEAT_NOT_FOUND"),
                 {"res-h: cancelled for SEAT_NOT_FOUND, but the event does not exist: macbeth 1"});
  }
  SECTION("and what does not exist is not sold") {
    Run run = ConfirmedRun(kNoSeat);
    run.history.end.seats.erase({"hamlet", "99"});
    run.history.end.accounts.clear();
    RequireFinds(run, {"res-n: CONFIRMED in the last read with a seat that does not exist"});
  }
  SECTION("nor paid for") {
    RequireFinds(CancelledRun(With(kNoSeat, "broke"), "PAYMENT_DECLINED"),
                 {"res-n: cancelled for PAYMENT_DECLINED, but it has no seats to pay for"});
  }
}

TEST_CASE("checker: a decline needs a card that declines") {
  for (const char* reason :
       {"PAYMENT_DECLINED", "INSUFFICIENT_FUNDS", "CARD_EXPIRED", "INVALID_PAYMENT_TOKEN"}) {
    Run honest = CancelledRun(kBroke, reason);
    honest.AccountOf(kBroke) = {.declines = 1};
    RequirePasses(honest);
    RequireFinds(CancelledRun(kA, reason), {"but the card visa is never declined"});
  }
}

TEST_CASE("checker: a card that declines buys nothing") {
  SECTION("confirmed") {
    Run run = ConfirmedRun(kBroke);
    RequireFinds(run, {"res-d: CONFIRMED in the last read, but the card broke is always declined",
                       "res-d: charged 1 times, but the card broke is always declined"});
  }
  SECTION("charged, even if given back") {
    Run run;
    run.Accepted(kBroke);
    run.EndsRefunded(kBroke, "PAYMENT_DECLINED");
    RequireFinds(run, {"res-d: charged 1 times, but the card broke is always declined"});
  }
  SECTION("but what is free") { RequirePasses(ConfirmedRun(kFree)); }
}

TEST_CASE("checker: an operator's cancellation needs an operator") {
  Run run = CancelledRun(kA, "CANCELLED_BY_OPERATOR");
  SECTION("nobody") {
    RequireFinds(run, {"res-a: cancelled for CANCELLED_BY_OPERATOR in the last read, but no "
                       "operator had it compensated by then"});
  }
  SECTION("who may have been heard") {
    run.Compensates(kA, Heard::kNothing);
    RequirePasses(run);
  }
}

TEST_CASE("checker: there is no other reason to cancel") {
  Run run = CancelledRun(kA, "LATE_ACTION");
  run.Sees(Run::Cancelled(kA, "LATE_ACTION"));
  run.Sees(Pending(kA)).sent = 1;
  run.history.end.reservations.clear();
  RequireFinds(run, {"res-a: cancelled for LATE_ACTION, for which nothing here gives cause",
                     "res-a: known from a creation [1, 2], but not there at the end"});
  RequirePasses(CancelledRun(kA, "OUTCOME_UNKNOWN"));
  RequireFinds(CancelledRun(kA, "LATE_ACTION"),
               {"res-a: cancelled for LATE_ACTION, for which nothing here gives cause"});
}

// --- Seats --------------------------------------------------------------------------------------

TEST_CASE("checker: a seat is sold once") {
  Run run = ConfirmedRun(kA);
  run.Accepted(kB);
  run.EndsRefunded(kB, "OUTCOME_UNKNOWN");
  const Shown priced = run.Priced(run.AtEnd(kB));
  SECTION("one after the other") {
    run.SeesSeat("2", "res-b");
    run.SeesSeat("2", "");
    run.SeesSeat("2", "res-a");
    RequirePasses(run);
  }
  SECTION("both were shown confirmed") {
    run.AtEnd(kB) = priced;
    run.Sees(run.Confirmed(kB));
    run.Sees(run.Confirmed(kA));
    RequireFinds(run, {"res-b: both CONFIRMED in a look [5, 6] and CANCELLED in the last read",
                       "seat hamlet 2: sold twice: from 8 both res-a and res-b hold it"});
  }
  SECTION("the first was compensated before") {
    run.AtEnd(kB) = priced;
    run.Sees(run.Confirmed(kB));
    run.Compensates(kB);
    run.Sees(run.Confirmed(kA));
    RequirePasses(run);
  }
  SECTION("the first was compensated too late") {
    run.AtEnd(kB) = priced;
    run.Sees(run.Confirmed(kB));
    run.Sees(run.Confirmed(kA));
    run.Compensates(kB);
    RequireFinds(run, {"seat hamlet 2: sold twice: from 8 to 9 both res-a and res-b hold it"});
  }
  SECTION("both held seats: all of them, from the first look to the last") {
    run.SeesSeat("3", "res-b");
    run.SeesSeat("1", "res-a");
    run.SeesSeat("3", "res-b");
    RequireFinds(run, {"seat hamlet 2: sold twice: from 8 to 9 both res-a and res-b hold it"});
  }
}

TEST_CASE("checker: who certainly holds a seat is seen to hold it") {
  Run run = ConfirmedRun(kA);
  run.Accepted(kB);
  run.EndsCancelled(kB, "OUTCOME_UNKNOWN");
  SECTION("not before") {
    run.SeesSeat("2", "res-b");
    run.Sees(run.Confirmed(kA));
    RequirePasses(run);
  }
  SECTION("nor at the same time") {
    run.Sees(run.Confirmed(kA));
    run.SeesSeat("2", "res-b").sent = 5;
    RequirePasses(run);
  }
  SECTION("held by another once it is confirmed") {
    run.Sees(run.Confirmed(kA));
    run.SeesSeat("2", "res-b");
    RequireFinds(run, {"seat hamlet 2: held by res-b in a look at seats [7, 8], while res-a holds "
                       "it for certain, from 6 for ever"});
  }
  SECTION("available once it is confirmed") {
    run.Sees(run.Confirmed(kA));
    run.SeesSeat("1", "");
    RequireFinds(run, {"seat hamlet 1: held by nobody in a look at seats [7, 8], while res-a"});
  }
  SECTION("available in between") {
    run.SeesSeat("2", "res-b");
    run.SeesSeat("3", "");
    run.SeesSeat("2", "res-b");
    RequireFinds(run, {"seat hamlet 3: held by nobody in a look at seats [7, 8], while res-b holds "
                       "it for certain, from 6 to 9"});
  }
  SECTION("available after an operator may have intervened") {
    run.Sees(run.Confirmed(kA));
    run.Compensates(kA, Heard::kNothing);
    run.SeesSeat("1", "");
    run.EndsRefunded(kA, "CANCELLED_BY_OPERATOR");
    run.AtEnd(kA) = run.Priced(run.AtEnd(kA));
    run.history.end.seats[{"hamlet", "1"}] = "";
    run.history.end.seats[{"hamlet", "2"}] = "";
    RequirePasses(run);
  }
}

TEST_CASE("checker: a cancelled reservation holds nothing") {
  Run run = CancelledRun(kA, "OUTCOME_UNKNOWN");
  SECTION("before") {
    run.SeesSeat("1", "res-a");
    run.Sees(Run::Cancelled(kA, "OUTCOME_UNKNOWN"));
    RequirePasses(run);
  }
  SECTION("after") {
    run.Sees(Run::Cancelled(kA, "OUTCOME_UNKNOWN"));
    run.SeesSeat("1", "res-a");
    RequireFinds(run, {"seat hamlet 1: held by res-a in a look at seats [5, 6], but that was "
                       "CANCELLED in a look [3, 4]"});
  }
  SECTION("at the end") {
    run.history.end.seats[{"hamlet", "1"}] = "res-a";
    RequireFinds(run, {"seat hamlet 1: held at the end by res-a, which is CANCELLED"});
  }
}

TEST_CASE("checker: a seat is held by one who asked for it") {
  Run run = ConfirmedRun(kA);
  SECTION("in a look") {
    run.SeesSeat("3", "res-a");
    RequireFinds(run,
                 {"seat hamlet 3: held by res-a in a look at seats [3, 4], which never asked"});
  }
  SECTION("at the end") {
    run.history.end.seats[{"hamlet", "3"}] = "res-a";
    RequireFinds(run, {"seat hamlet 3: held at the end by res-a, which never asked for it"});
  }
  SECTION("and not before") {
    run.history.creations.clear();
    run.SeesSeat("1", "res-a");
    run.Accepted(kA);
    RequireFinds(run, {"res-a: was seen by a look at seats [3, 4] before the first creation"});
  }
}

TEST_CASE("checker: at the end a confirmed reservation holds its seats") {
  Run run = ConfirmedRun(kA);
  run.history.end.seats[{"hamlet", "2"}] = "";
  RequireFinds(run, {"res-a: CONFIRMED at the end, but its seat hamlet 2 is held by nobody"});
  Run parked;
  parked.Accepted(kSticky);
  parked.EndsParked(kSticky);
  parked.history.end.seats[{"hamlet", "1"}] = "";
  RequireFinds(parked, {"res-s: PENDING and parked at the end, but its seat hamlet 1 is held by"});
}

TEST_CASE("checker: the seats are those that were sold") {
  Run run;
  SECTION("one is missing") {
    run.history.end.seats.erase({"hamlet", "3"});
    RequireFinds(run, {"seat hamlet 3: not there at the end"});
  }
  SECTION("one too many") {
    run.history.end.seats[{"hamlet", "99"}] = "";
    RequireFinds(run, {"seat hamlet 99: does not exist, but is there at the end"});
  }
  SECTION("one too many in a look") {
    run.SeesSeat("99", "");
    RequireFinds(run, {"seat hamlet 99: does not exist, but is in a look at seats [1, 2]"});
  }
}

// --- Money --------------------------------------------------------------------------------------

TEST_CASE("checker: a confirmed reservation is paid for once") {
  Run run = ConfirmedRun();
  Account& account = run.AccountOf(kA);
  SECTION("honest") { RequirePasses(run); }
  SECTION("twice, even if one was given back") {
    account = {.captured_minor = 60, .refunded_minor = 30, .captures = 2};
    RequireFinds(run, {"res-a: charged 2 times and declined 0 times, which is too often"});
  }
  SECTION("twice") {
    account = {.captured_minor = 60, .captures = 2};
    RequireFinds(run, {"res-a: CONFIRMED at the end, price 30, but captured 60 in 2 charges",
                       "res-a: charged 2 times and declined 0 times, which is too often"});
  }
  SECTION("not at all") {
    run.history.end.accounts.clear();
    RequireFinds(run, {"res-a: CONFIRMED at the end, price 30, but captured 0 in 0 charges"});
  }
  SECTION("and given back") {
    account.refunded_minor = 30;
    RequireFinds(run, {"price 30, but captured 30 in 1 charges, refunded 30"});
  }
  SECTION("at another price") {
    account = {.captured_minor = 40, .refunded_minor = 10, .captures = 1};
    RequireFinds(run, {"res-a: not charged the price of its seats, 30: captured 40 in 1 charges"});
  }
}

TEST_CASE("checker: a cancelled reservation costs nothing") {
  Run run;
  run.Accepted(kA);
  run.EndsRefunded(kA, "OUTCOME_UNKNOWN");
  SECTION("honest") { RequirePasses(run); }
  SECTION("not given back") {
    run.AccountOf(kA).refunded_minor = 0;
    RequireFinds(run, {"res-a: CANCELLED at the end, price 30, but captured 30 in 1 charges"});
  }
  SECTION("given back twice") {
    run.AccountOf(kA).refunded_minor = 60;
    RequireFinds(run, {"res-a: CANCELLED at the end, price 30, but captured 30 in 1 charges, "
                       "refunded 60"});
  }
}

TEST_CASE("checker: only reservations are charged") {
  Run run;
  run.history.end.accounts["res-z"] = {.captured_minor = 10, .captures = 1};
  RequireFinds(run, {"res-z: not there at the end, but the payment company knows it: captured 10"});
}

TEST_CASE("checker: a saga is parked because money is not given back") {
  Run run;
  run.Accepted(kSticky);
  run.EndsParked(kSticky);
  SECTION("honest") { RequirePasses(run); }
  SECTION("and others are not parked") {
    run = ConfirmedRun();
    run.history.end.parked[kA.id] = false;
    RequirePasses(run);
  }
  SECTION("kept without being parked") {
    run.history.end.parked.clear();
    RequireFinds(run, {"res-s: still PENDING at the end, and its saga is not parked",
                       "seat hamlet 1: held at the end by res-s, which is PENDING"});
  }
  SECTION("too much is kept") {
    run.AccountOf(kSticky) = {.captured_minor = 20, .captures = 2};
    RequireFinds(run, {"res-s: PENDING and parked at the end, price 10, but captured 20 in 2",
                       "res-s: charged 2 times and declined 0 times, which is too often"});
  }
  SECTION("nothing is kept") {
    run.history.end.accounts.clear();
    RequireFinds(run, {"res-s: parked without a cause: nothing is left to give back, 0 captured"});
  }
  SECTION("its card gives back") {
    run = Run();
    run.Accepted(kA);
    run.EndsParked(kA);
    RequireFinds(run, {"res-a: parked without a cause: no refund for the card visa is refused"});
  }
  SECTION("it is over") {
    run.AtEnd(kSticky) = run.Confirmed(kSticky);
    RequireFinds(run, {"res-s: parked without a cause: it is CONFIRMED already"});
  }
  SECTION("it is not there") {
    run.history.end.parked["res-z"] = true;
    RequireFinds(run, {"res-z: its saga is parked at the end, but it is not there"});
  }
}

// --- All together -------------------------------------------------------------------------------

TEST_CASE("checker: a complicated honest history passes") {
  Run run;
  // Anna's first attempt is refused, the second unheard, the third answered; another body is not.
  run.Refused(kA, "OVERLOADED");
  run.Unheard(kA);
  run.Refused(With(kA, "broke"), "REQUEST_ID_REUSED");
  run.Accepted(kA);
  run.Unheard(With(kA, "broke"));
  // Bert asks while Anna's saga runs, and loses seat 2 to her. Carl then takes seat 3.
  run.SeesSeat("1", "res-a");
  run.Unheard(kB);
  run.Answered(kB, Run::Cancelled(kB, "SEAT_NOT_AVAILABLE"));
  run.SeesSeat("3", "");
  run.Unheard(kC);
  run.SeesSeat("3", "res-c");
  run.Sees(run.Confirmed(kA));
  // An answer that was long on its way.
  run.Sees(Pending(kA)).sent = run.history.looks.front().sent;
  // An operator has Carl's compensated, but hears nothing; then it is refused: it is undone
  // already.
  run.Compensates(kC, Heard::kNothing);
  run.SeesSeat("3", "res-c");
  run.Operator(Intervention::Kind::kRetry, kC, Heard::kAnswer);
  run.Sees(Run::Cancelled(kC, "CANCELLED_BY_OPERATOR"));
  run.Compensates(kC, Heard::kNo);
  run.SeesSeat("3", "");
  // Dora's card is declined, after she held the seat that Emil wanted.
  const Order dora{"res-do", "req-do", {"3"}, "broke", "hamlet", "dora"};
  const Order emil{"res-e", "req-e", {"3"}, "visa", "hamlet", "emil"};
  run.Accepted(dora);
  run.Answered(emil, Run::Cancelled(emil, "SEAT_NOT_AVAILABLE"));
  run.Sees(Run::Cancelled(dora, "CARD_EXPIRED"));
  // Fred's reservation is parked; what he was sold stays his until a person has looked.
  const Order fred{"res-fr", "req-fr", {"3"}, "sticky", "hamlet", "fred"};
  run.Unheard(fred);
  run.SeesSeat("3", "res-fr");
  // And these are simple.
  run.FindsNone("res-nobody");
  run.Answered(kFree, run.Confirmed(kFree));
  run.Unheard(kNoHall);
  run.Answered(kNoSeat, Run::Cancelled(kNoSeat, "SEAT_NOT_FOUND"));
  run.Unheard({"never", "req-never", {"1"}});

  run.EndsConfirmed(kA);
  run.EndsCancelled(kB, "SEAT_NOT_AVAILABLE");
  run.EndsRefunded(kC, "CANCELLED_BY_OPERATOR");
  run.EndsCancelled(dora, "CARD_EXPIRED");
  run.AccountOf(dora) = {.declines = 1};
  run.EndsCancelled(emil, "SEAT_NOT_AVAILABLE");
  run.EndsParked(fred);
  run.EndsConfirmed(kFree);
  run.EndsCancelled(kNoHall, "EVENT_NOT_FOUND");
  run.EndsCancelled(kNoSeat, "SEAT_NOT_FOUND");
  RequirePasses(run);
}

TEST_CASE("checker: an empty history passes") { RequirePasses(Run()); }

}  // namespace
}  // namespace seatsaga::simulation
