// Changes of seats by clients: partial cancellations and exchanges, and what they cost.
#include <catch2/catch.hpp>
#include <string>

#include "tests/unit/simulation/checker_run.h"

namespace seatsaga::simulation {
namespace {

constexpr int64_t kPrice = 30;  // of seats 1 and 2, which cost 10 and 20

// Its client changes seats of a reservation for two of them.
class ChangedRun : public Run {
 public:
  ChangedRun(Swap the_swap, const std::string& card) : swap(std::move(the_swap)) {
    Accepted(kA);
    Sees(Confirmed(kA));
    Wish& wish =
        Wishes(swap.take.empty() ? Wish::Kind::kGiveBack : Wish::Kind::kExchange, kA, "change-1");
    wish.card = card;
    wish.swap = swap;
    Answer(wish, Changing());
    history.end.changes["saga-1"] = {.reservation_id = "res-a",
                                     .follows = "res-a",
                                     .swap = swap,
                                     .began_us = 9,
                                     .rested_us = 11};
    history.end.rested_us["res-a"] = 8;
    EndsConfirmed(kA);
  }

  Shown Changing() const {
    Shown shown = Confirmed(kA);
    shown.status = Status::kChanging;
    shown.saga = "res-a";
    shown.change = swap;
    shown.payments = {{"res-a", kPrice, 0}};
    if (swap.take.empty()) shown.change_refund_minor = 6;  // 33 percent of 20
    return shown;
  }
  // What it has afterwards, and what was charged and paid back for it.
  void Succeeds(const std::vector<std::string>& seats, int64_t charged, int64_t paid_back) {
    for (const std::string& seat : kA.seats) history.end.seats[{"hamlet", seat}] = "";
    for (const std::string& seat : seats) history.end.seats[{"hamlet", seat}] = "res-a";
    Shown& end = AtEnd(kA);
    end.seats = seats;
    end.paid_minor = PriceOf({.seats = seats});
    end.saga = "saga-1";
    end.payments = {{"res-a", kPrice, paid_back}};
    AccountOf(kA).refunded_minor = paid_back;
    if (charged == 0) return;
    end.payments.push_back({"saga-1", charged, 0});
    history.end.accounts["saga-1"] = {.captured_minor = charged, .captures = 1};
  }
  void Fails(const std::string& reason) {
    AtEnd(kA).saga = "res-a";
    AtEnd(kA).payments = {{"res-a", kPrice, 0}};
    AtEnd(kA).change_failure = reason;
  }
  Wish& Request() { return history.wishes[0]; }
  ChangeSaga& Saga() { return history.end.changes.at("saga-1"); }

  Swap swap;
};

ChangedRun GaveBack() {
  ChangedRun run({{"2"}, {}}, "");
  run.Succeeds({"1"}, 0, 6);
  return run;
}
ChangedRun ExchangedForDearer(const std::string& card = "visa") {
  ChangedRun run({{"1"}, {"3"}}, card);
  run.Succeeds({"2", "3"}, 20, 0);
  return run;
}

TEST_CASE("checker: honest changes pass") {
  RequirePasses(GaveBack());
  RequirePasses(ExchangedForDearer());
  ChangedRun cheaper({{"2"}, {"gift"}}, "");
  cheaper.Succeeds({"1", "gift"}, 0, 6);
  RequirePasses(cheaper);
  ChangedRun declined({{"1"}, {"3"}}, "broke");
  declined.Fails("PAYMENT_DECLINED");
  RequirePasses(declined);
  ChangedRun unpaid({{"1"}, {"3"}}, "");
  unpaid.Fails("PAYMENT_TOKEN_REQUIRED");
  RequirePasses(unpaid);
  ChangedRun unknown({{"1"}, {"99"}}, "");
  unknown.Fails("SEAT_NOT_FOUND");
  RequirePasses(unknown);
}

TEST_CASE("checker: a change leaves the seats that were asked for, and no others") {
  ChangedRun run = GaveBack();
  SECTION("all are free") {
    run.history.end.seats[{"hamlet", "1"}] = "";
    RequireFinds(run, {"res-a: CONFIRMED at the end, but its seat hamlet 1 is held by nobody"});
  }
  SECTION("what was given back is still held") {
    run.history.end.seats[{"hamlet", "2"}] = "res-a";
    RequireFinds(run, {"seat hamlet 2: held at the end by res-a, which has other seats: hamlet 1"});
  }
  SECTION("what was given back is still shown") {
    run.AtEnd(kA).seats = {"1", "2"};
    run.AtEnd(kA).paid_minor = kPrice;
    run.history.end.seats[{"hamlet", "2"}] = "res-a";
    RequireFinds(run, {"res-a: was request req-a of anna for hamlet 1 2",
                       "res-a: has 1 2 in the last read, but its changes left 1"});
  }
  SECTION("another price than that of the seats that are left") {
    run.AtEnd(kA).paid_minor = kPrice;
    RequireFinds(run, {"res-a: CONFIRMED in the last read at 30 EUR, but the price of its seats"});
  }
  SECTION("forgotten later") {
    run.Sees(run.AtEnd(kA));
    run.Sees(run.Changing());
    RequireFinds(run, {"res-a: changed 1 times by a look [7, 8], but 0 times in a look [9, 10]"});
  }
}

TEST_CASE("checker: who gave a seat back does not hold it for certain, and who kept one does") {
  ChangedRun run = GaveBack();
  SECTION("given back") {
    run.SeesSeat("2", "");
    RequirePasses(run);
  }
  SECTION("given back before that was asked for") {
    run.SeesSeat("2", "").sent = 5;
    run.history.seat_looks[0].ended = 6;
    run.Request().sent = 7;
    run.Request().ended = 8;
    RequireFinds(run, {"seat hamlet 2: held by nobody in a look at seats [5, 6], while res-a holds "
                       "it for certain, from 4 to 7"});
  }
  SECTION("kept") {
    run.SeesSeat("1", "");
    RequireFinds(run, {"seat hamlet 1: held by nobody in a look at seats [7, 8], while res-a"});
  }
  SECTION("taken, and seen with another") {
    run = ExchangedForDearer();
    run.Sees(run.AtEnd(kA));
    run.SeesSeat("3", "");
    RequireFinds(run, {"seat hamlet 3: held by nobody in a look at seats [9, 10], while res-a"});
  }
}

TEST_CASE("checker: a change pays back what the terms say, once") {
  ChangedRun run = GaveBack();
  SECTION("twice") {
    run.AccountOf(kA).refunded_minor = 12;
    RequireFinds(run, {"res-a: CONFIRMED at the end, price 10, captured 30 and refunded 12 after 1 "
                       "changes, but 30 and 6 are right"});
  }
  SECTION("shown otherwise") {
    run.AtEnd(kA).payments[0].refunded_minor = 7;
    RequireFinds(run, {"res-a: its payments are 30 less 7 in the last read, but its seats and "
                       "changes make 30 less 6"});
  }
  SECTION("announced otherwise") {
    run.Request().shown->change_refund_minor = 7;
    RequireFinds(run, {"res-a: a change 2 for nothing pays back 7 in a partial cancellation [5, "
                       "6], but 6 is right"});
  }
  SECTION("and then the whole is cancelled") {
    Shown cancelled = run.AtEnd(kA);
    cancelled.status = Status::kCancelling;
    cancelled.refund_minor = 3;  // 33 percent of 10
    run.Cancels(kA, cancelled);
    cancelled.status = Status::kCancelled;
    cancelled.reason = "CANCELLED_BY_CLIENT";
    run.AtEnd(kA) = cancelled;
    run.history.end.seats[{"hamlet", "1"}] = "";
    run.AccountOf(kA).refunded_minor = 9;
    RequirePasses(run);
    run.AccountOf(kA).refunded_minor = 6;
    RequireFinds(run,
                 {"res-a: CANCELLED at the end, price 10, captured 30 and refunded 6 after 1"});
  }
}

TEST_CASE("checker: an exchange charges exactly the difference") {
  SECTION("not at all") {
    ChangedRun run = ExchangedForDearer();
    run.history.end.accounts.erase("saga-1");
    RequireFinds(run, {"res-a: changed 1 for 3, which costs 20 more, but saga saga-1 captured 0",
                       "res-a: CONFIRMED at the end, price 50, captured 30 and refunded 0 after 1",
                       "res-a: payment saga-1 is shown with 20, but captured 0"});
  }
  SECTION("with a card that is declined") {
    RequireFinds(ExchangedForDearer("broke"), {"res-a: changed 1 for 3, which costs more, but no"});
  }
  SECTION("without a card") {
    RequireFinds(ExchangedForDearer(""), {"res-a: changed 1 for 3, which costs more, but no card"});
  }
  SECTION("although it failed") {
    ChangedRun run({{"1"}, {"3"}}, "visa");
    run.Fails("SEAT_NOT_AVAILABLE");
    RequirePasses(run);
    run.history.end.accounts["saga-1"] = {.captured_minor = 20, .captures = 1};
    RequireFinds(run, {"res-a: saga saga-1 has failed, but captured 20 and refunded 0"});
  }
}

TEST_CASE("checker: a change that failed leaves everything as it was, and says why") {
  ChangedRun run({{"1"}, {"3"}}, "visa");
  run.Fails("SEAT_NOT_AVAILABLE");
  SECTION("not silently") {
    run.AtEnd(kA).change_failure.clear();
    RequireFinds(run, {"res-a: its change failed, but that is not shown at the end"});
  }
  SECTION("not without a cause") {
    run.AtEnd(kA).change_failure = "PAYMENT_DECLINED";
    RequireFinds(run, {"res-a: a change failed for PAYMENT_DECLINED in the last read, for which"});
  }
  SECTION("not with the new seat") {
    run.history.end.seats[{"hamlet", "3"}] = "res-a";
    RequireFinds(run, {"seat hamlet 3: held at the end by res-a, which has other seats: hamlet 1"});
  }
  SECTION("not without the old one") {
    run.history.end.seats[{"hamlet", "1"}] = "";
    RequireFinds(run, {"res-a: CONFIRMED at the end, but its seat hamlet 1 is held by nobody"});
  }
}

TEST_CASE("checker: each request for a change has one saga, which follows the one before") {
  ChangedRun run = GaveBack();
  SECTION("two") {
    run.history.end.changes["saga-2"] = run.Saga();
    RequireFinds(run, {"res-a: 2 sagas change 2 for nothing, but only 1 requests may have asked"});
  }
  SECTION("none") {
    run.Wishes(Wish::Kind::kGiveBack, kA, "change-2").swap = {{"1"}, {}};
    Run::Answer(run.history.wishes.back(), run.AtEnd(kA));
    RequireFinds(run, {"res-a: 1 requests for 1 for nothing were accepted, but only 0 sagas"});
  }
  SECTION("unasked") {
    run.Request().heard = Heard::kNo;
    run.Request().error = "OVERLOADED";
    run.Request().shown.reset();
    RequireFinds(run, {"res-a: 1 sagas change 2 for nothing, but only 0 requests may have asked"});
  }
  SECTION("early") {
    run.Saga().began_us = 7;
    RequireFinds(run, {"res-a: saga saga-1 began at 7 us, but the one before it, res-a, came"});
  }
  SECTION("of another reservation") {
    run.Saga().follows = "res-b";
    RequireFinds(run, {"res-a: saga saga-1 follows res-b, which is none of its sagas"});
  }
  SECTION("by an unknown saga") {
    run.Sees(run.AtEnd(kA)).shown->saga = "saga-9";
    RequireFinds(run, {"res-a: was request req-a of anna for hamlet 1 2",
                       "res-a: changed last by saga saga-9 in a look [7, 8]"});
  }
  SECTION("undone by an operator") {
    run.history.interventions.push_back({.kind = Intervention::Kind::kCompensate,
                                         .saga_id = "saga-1",
                                         .sent = 7,
                                         .ended = 8,
                                         .heard = Heard::kAnswer});
    RequireFinds(run, {"res-a: saga saga-1 has changed it, but its compensation was promised"});
  }
}

TEST_CASE("checker: CHANGING is shown with the change, and never remains") {
  ChangedRun run({{"2"}, {}}, "");
  run.AtEnd(kA) = run.Changing();
  SECTION("at the end") {
    RequireFinds(run, {"res-a: still CHANGING at the end, and its saga is not parked",
                       "seat hamlet 1: held at the end by res-a, which is CHANGING",
                       "seat hamlet 2: held at the end by res-a, which is CHANGING"});
  }
  SECTION("without its change") {
    run.Succeeds({"1"}, 0, 6);
    run.AtEnd(kA).status = Status::kConfirmed;
    run.AtEnd(kA).change.reset();
    run.AtEnd(kA).change_refund_minor.reset();
    run.Request().shown->change.reset();
    RequireFinds(run, {"res-a: CHANGING in a partial cancellation [5, 6] without a change"});
  }
}

TEST_CASE("checker: who is refused for seats never had them, or always") {
  ChangedRun run = GaveBack();
  const auto refused = [&](const Swap& swap, const std::string& error) {
    run.Wishes(Wish::Kind::kExchange, kA, "change-2").swap = swap;
    Run::Refuse(run.history.wishes.back(), error);
  };
  SECTION("it is not there") {
    refused({{"2"}, {"3"}}, "SEAT_NOT_IN_RESERVATION");
    RequirePasses(run);
  }
  SECTION("it is there") {
    refused({{"1"}, {"3"}}, "SEAT_NOT_IN_RESERVATION");
    RequireFinds(run, {"res-a: SEAT_NOT_IN_RESERVATION in an exchange [7, 8], but it never had"});
  }
  SECTION("it has another") {
    refused({{"1"}, {"3"}}, "SEAT_IN_RESERVATION");
    RequireFinds(run, {"res-a: SEAT_IN_RESERVATION in an exchange [7, 8], but it never had such"});
  }
  SECTION("something is left") {
    refused({{"3"}, {}}, "NOTHING_LEFT");
    RequireFinds(run, {"res-a: NOTHING_LEFT in an exchange [7, 8], but it never had such seats"});
  }
  SECTION("it is CONFIRMED") {
    refused({{"1"}, {"3"}}, "NOT_CONFIRMED");
    RequireFinds(run, {"res-a: CONFIRMED in a look [3, 4], but PENDING in an exchange [7, 8]"});
  }
  SECTION("nothing else is under way") {
    run.history.wishes.clear();
    run.history.end.changes.clear();
    run.EndsConfirmed(kA);
    refused({{"1"}, {"3"}}, "CHANGE_UNDER_WAY");
    RequireFinds(run, {"res-a: CHANGE_UNDER_WAY in an exchange [7, 8], but no other"});
  }
}

}  // namespace
}  // namespace seatsaga::simulation
