#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "common/text.h"
#include "sagactl/audit/findings.h"
#include "sagactl/audit/report.h"
#include "sagactl/audit/rows.h"
#include "tests/unit/sagactl/audit/data.h"

namespace seatsaga::cli {
namespace {

// "kind subject; kind subject", to compare all that was found with what should be.
std::string Found(const Clean& data, AuditOptions options = {}) {
  std::string out;
  for (const Finding& finding : Audit(data.s, options).findings) {
    CHECK_FALSE(finding.evidence.empty());
    Append(out, out.empty() ? "" : "; ", NameOf(finding.kind), " ", finding.subject);
  }
  return out;
}

std::string Reserved(std::string_view kind, int number) {
  return Cat(kind, " reservation ", IdOf(number).ToString());
}

TEST_CASE("audit: sound data has no findings, and one warning for what is parked") {
  const Clean data;
  CHECK(Found(data) == "");
  const AuditFindings result = Audit(data.s);
  REQUIRE(result.warnings.size() == 1);
  CHECK(result.warnings[0].kind == FindingKind::kAttention);
  CHECK(result.warnings[0].id == IdOf(4));
  CHECK(result.notes.empty());
  CHECK(result.counts.reservations == 5);
  CHECK(result.counts.confirmed == 1);
  CHECK(result.counts.in_flight == 2);
  CHECK(result.counts.parked == 1);
  CHECK(result.counts.reserved_seats == 3);
  CHECK(result.counts.net_captured.at("EUR") == 300);
}

TEST_CASE("audit: nothing at all has no findings") { CHECK(Audit(Snapshot{}).findings.empty()); }

TEST_CASE(
    "audit: where nothing may be in flight, each live saga and waiting reservation is found") {
  const Clean data;
  CHECK(Found(data, {.quiescent = true}) ==
        Cat(Reserved("in_flight", 3), "; ", Reserved("in_flight", 5)));
}

TEST_CASE("audit: a seat that two confirmed reservations name is sold twice") {
  Clean data;
  data.Reservation(2).state = rv1::RESERVATION_STATE_CONFIRMED;
  data.Saga(2).state = ov1::SAGA_STATE_COMPLETED;
  data.Reservation(2).price = {100, "EUR"};
  data.Pay(2, pv1::PAYMENT_STATE_CAPTURED, 100);
  data.SetNet(400);
  CHECK(Found(data) ==
        Cat("seat_sold_twice seat hamlet a/1; ", Reserved("confirmed_without_seats", 2)));
}

TEST_CASE("audit: a charge without a confirmed reservation is found") {
  Clean data;
  data.Pay(2, pv1::PAYMENT_STATE_CAPTURED, 100);
  data.SetNet(400);
  CHECK(Found(data) ==
        Cat(Reserved("charge_without_reservation", 2), "; money_not_conserved ledger EUR"));

  SECTION("also one that nobody but payment_svc knows") {
    data.s.reservations.erase(IdOf(2));
    data.s.sagas.erase(IdOf(2));
    CHECK(Found(data) ==
          Cat(Reserved("charge_without_reservation", 2), "; money_not_conserved ledger EUR"));
  }
}

TEST_CASE("audit: a part of a charge that stays after a cancellation that pays all back is found") {
  Clean data;
  SECTION("as the payment says") {
    data.Pay(2, pv1::PAYMENT_STATE_PARTIALLY_REFUNDED, 100, 60);
    data.SetNet(340);
  }
  SECTION("although the payment is said to be refunded") {
    data.Payment(2).refunded_minor = 60;
    data.SetNet(340);
  }
  SECTION("more was paid back than charged") {
    data.Payment(2).refunded_minor = 140;
    data.SetNet(260);
  }
  CHECK(Found(data) ==
        Cat(Reserved("charge_without_reservation", 2), "; money_not_conserved ledger EUR"));
}

TEST_CASE("audit: a cancellation after the confirmation keeps what it may") {
  Clean data;
  data.AddPaidBack();
  SECTION("a part") {}
  SECTION("everything, because nothing is paid back") {
    data.Reservation(7).refund = {0, "EUR"};
    data.Pay(7, pv1::PAYMENT_STATE_CAPTURED, 100);
    data.SetNet(400);
  }
  SECTION("nothing, because all is paid back") {
    data.Reservation(7).refund = {100, "EUR"};
    data.Pay(7, pv1::PAYMENT_STATE_REFUNDED, 100, 100);
    data.SetNet(300);
  }
  SECTION("nothing of what was free") {
    data.Reservation(7).price = {0, "EUR"};
    data.Reservation(7).refund = {0, "EUR"};
    data.s.payments.erase(IdOf(7));
    data.SetNet(300);
  }
  CHECK(Found(data) == "");
}

TEST_CASE("audit: a cancellation that keeps more or less than it may is found") {
  Clean data;
  data.AddPaidBack();
  const std::string expected =
      Cat(Reserved("refund_mismatch", 7), "; money_not_conserved ledger EUR");
  SECTION("more") {
    data.Payment(7).refunded_minor = 29;
    data.SetNet(371);
    CHECK(Found(data) == expected);
  }
  SECTION("less") {
    data.Payment(7).refunded_minor = 31;
    data.SetNet(369);
    CHECK(Found(data) == expected);
  }
  SECTION("everything") {
    data.Pay(7, pv1::PAYMENT_STATE_CAPTURED, 100);
    data.SetNet(400);
    CHECK(Found(data) == expected);
  }
  SECTION("nothing, without a payment") {
    data.s.payments.erase(IdOf(7));
    data.SetNet(300);
    CHECK(Found(data) == expected);
  }
  SECTION("in another currency") {
    data.Reservation(7).refund->currency = "USD";
    CHECK(Found(data) == Cat(expected, "; money_not_conserved ledger USD"));
  }
  SECTION("not certain yet") {
    data.Pay(7, pv1::PAYMENT_STATE_REFUNDING, 100);
    CHECK(Found(data) == Reserved("payment_unsettled", 7));
  }
}

TEST_CASE("audit: a hold has its seats, and no money") {
  Clean data;
  data.AddHeld();
  SECTION("not paid for yet") {}
  SECTION("declined") { data.Pay(6, pv1::PAYMENT_STATE_DECLINED, 100); }
  SECTION("for a long time") { data.Saga(6).update_time = kNow - absl::Hours(1); }
  SECTION("expired, its seats given back already") {
    data.Saga(6).state = ov1::SAGA_STATE_COMPENSATING;
    data.Free(4);
  }
  CHECK(Found(data) == "");
  CHECK(Audit(data.s).counts.in_flight == 3);
}

TEST_CASE("audit: a hold whose money was taken is found") {
  Clean data;
  data.AddHeld();
  data.Pay(6, pv1::PAYMENT_STATE_CAPTURED, 100);
  data.SetNet(400);
  CHECK(Found(data) == Reserved("charge_without_reservation", 6));
}

TEST_CASE("audit: a hold without its seats, or at another price, is found") {
  Clean data;
  data.AddHeld();
  SECTION("its seat is free") {
    data.Free(4);
    CHECK(Found(data) == Reserved("held_without_seats", 6));
  }
  SECTION("another holds its seat") {
    data.Hold(4, 3);
    data.Reservation(3).seat_ids.emplace_back("a/4");
    CHECK(Found(data) == Reserved("held_without_seats", 6));
  }
  SECTION("its seat costs more") {
    data.Seat(4).price_minor = 101;
    CHECK(Found(data) == Reserved("price_mismatch", 6));
  }
}

TEST_CASE("audit: a hold that no saga keeps any more is found") {
  Clean data;
  data.AddHeld();
  SECTION("its saga is over") {
    data.Saga(6).state = ov1::SAGA_STATE_COMPENSATED;
    CHECK(Found(data) ==
          Cat("seat_without_reservation seat hamlet a/4; ", Reserved("state_mismatch", 6)));
  }
  SECTION("its saga is gone") {
    data.s.sagas.erase(IdOf(6));
    CHECK(Found(data) == Cat("seat_without_reservation seat hamlet a/4; ",
                             Reserved("reservation_without_saga", 6)));
  }
}

TEST_CASE("audit: a cancellation under way may have undone anything or nothing") {
  Clean data;
  data.Cancel(ov1::SAGA_STATE_COMPENSATING);
  SECTION("nothing") {}
  SECTION("the saga has not heard of it") { data.Saga(1).state = ov1::SAGA_STATE_COMPLETED; }
  SECTION("the charge is being refunded") {
    data.Payment(1).state = pv1::PAYMENT_STATE_REFUNDING;
    data.SetNet(GENERATE(250, 300));
  }
  SECTION("the charge and the seats") {
    data.Pay(1, pv1::PAYMENT_STATE_PARTIALLY_REFUNDED, 200, 50);
    data.SetNet(250);
    data.Free(1);
    data.Free(2);
  }
  SECTION("it was held, and its saga still waits") { data.Saga(1).state = ov1::SAGA_STATE_WAITING; }
  CHECK(Found(data) == "");
  CHECK(Found(data, {.quiescent = true}).starts_with(Reserved("in_flight", 1)));
}

TEST_CASE("audit: a saga that is not told in time what its client did is found") {
  Clean data;
  const absl::Duration ago = absl::Seconds(GENERATE(59, 61));
  int number = 1;
  SECTION("cancelled once confirmed") { data.Cancel(ov1::SAGA_STATE_COMPLETED, ago); }
  SECTION("cancelled while held") { data.Cancel(ov1::SAGA_STATE_WAITING, ago); }
  SECTION("paid") {
    number = 6;
    data.AddHeld();
    data.Reservation(6).state = rv1::RESERVATION_STATE_PENDING;
    data.Reservation(6).update_time = kNow - ago;
  }
  CHECK(Found(data) == (ago < absl::Minutes(1) ? "" : Reserved("saga_overdue", number)));
}

TEST_CASE("audit: a cancellation before the saga has started is found only if it lasts") {
  Clean data;
  data.Reservation(5).state = rv1::RESERVATION_STATE_CANCELLING;
  CHECK(Found(data) == "");
  data.Reservation(5).create_time = kNow - absl::Seconds(61);
  CHECK(Found(data) == Reserved("reservation_without_saga", 5));
}

TEST_CASE("audit: a payment that is neither ours nor back, and that no saga works on, is found") {
  Clean data;
  const auto state = GENERATE(pv1::PAYMENT_STATE_PENDING, pv1::PAYMENT_STATE_REFUNDING);
  data.Payment(2).state = state;
  CHECK(Found(data) == Reserved("payment_unsettled", 2));
}

TEST_CASE("audit: a confirmed reservation without its charge is found") {
  Clean data;
  SECTION("no payment") { data.s.payments.erase(IdOf(1)); }
  SECTION("a declined one") { data.Payment(1).state = pv1::PAYMENT_STATE_DECLINED; }
  SECTION("a refunded one") { data.Pay(1, pv1::PAYMENT_STATE_REFUNDED, 200, 200); }
  data.SetNet(100);
  CHECK(Found(data) ==
        Cat(Reserved("confirmed_without_charge", 1), "; money_not_conserved ledger EUR"));
}

TEST_CASE("audit: a confirmed reservation without its seats is found") {
  Clean data;
  SECTION("its seat is free") {
    data.Free(2);
    CHECK(Found(data) == Reserved("confirmed_without_seats", 1));
  }
  SECTION("another holds its seat") {
    data.Hold(2, 3);
    data.Reservation(3).seat_ids.emplace_back("a/2");
    CHECK(Found(data) == Reserved("confirmed_without_seats", 1));
  }
  SECTION("its seat does not exist") {
    data.Reservation(1).seat_ids.emplace_back("a/99");
    CHECK(Found(data) == Reserved("confirmed_without_seats", 1));
  }
  SECTION("it names no seats") {
    data.Reservation(1).seat_ids.clear();
    CHECK(Found(data) == Cat(Reserved("confirmed_without_seats", 1),
                             "; seat_without_reservation seat hamlet a/1",
                             "; seat_without_reservation seat hamlet a/2"));
  }
  SECTION("its event does not exist") {
    data.Reservation(1).event_id = "macbeth";
    CHECK(Found(data).starts_with(Reserved("confirmed_without_seats", 1)));
  }
}

TEST_CASE("audit: a confirmed price other than what was captured, or than its seats', is found") {
  Clean data;
  SECTION("captured less") {
    data.Payment(1).amount.minor = 150;
    data.SetNet(250);
    CHECK(Found(data) == Cat(Reserved("price_mismatch", 1), "; money_not_conserved ledger EUR"));
  }
  SECTION("another currency captured") {
    data.Payment(1).amount.currency = "USD";
    data.s.ledger_after = {{"provider", {{"EUR", 100}, {"USD", 200}}},
                           {"customers", {{"EUR", -100}, {"USD", -200}}}};
    data.s.ledger_before = data.s.ledger_after;
    CHECK(Found(data).starts_with(Reserved("price_mismatch", 1)));
  }
  SECTION("the seats cost more") {
    data.Seat(1).price_minor = 101;
    CHECK(Found(data) == Reserved("price_mismatch", 1));
  }
}

TEST_CASE("audit: a saga that should have moved is found, one within its time is not") {
  Clean data;
  SECTION("past its due time") {
    data.Saga(3).due_time = kNow - absl::Seconds(61);
    CHECK(Found(data) == Reserved("saga_overdue", 3));
  }
  SECTION("a little past it") {
    data.Saga(3).due_time = kNow - absl::Seconds(59);
    CHECK(Found(data) == "");
  }
  SECTION("long quiet with a timer set") {
    data.Saga(3).update_time = kNow - absl::Hours(1);
    data.Saga(3).due_time = kNow + absl::Seconds(1);
    CHECK(Found(data) == "");
  }
  SECTION("long quiet without a timer") {
    data.Saga(3).update_time = kNow - absl::Seconds(61);
    CHECK(Found(data) == Reserved("saga_overdue", 3));
  }
}

TEST_CASE("audit: a parked saga must say why, what to do, and be flagged") {
  Clean data;
  SECTION("reason") { data.Saga(4).reason.clear(); }
  SECTION("next action") { data.Saga(4).next_action.clear(); }
  SECTION("flag") { data.Saga(4).needs_attention = false; }
  CHECK(Found(data) == Reserved("parked_without_reason", 4));
}

TEST_CASE("audit: a live saga that needs attention is a warning") {
  Clean data;
  data.Saga(3).needs_attention = true;
  CHECK(Found(data) == "");
  CHECK(Audit(data.s).warnings.size() == 2);
}

TEST_CASE("audit: a ledger whose accounts do not sum to zero is found") {
  Clean data;
  data.s.ledger_after["customers"]["EUR"] += 1;
  data.s.ledger_before = data.s.ledger_after;
  CHECK(Found(data) == "ledger_unbalanced ledger EUR");
}

TEST_CASE("audit: a ledger that holds other money than payments and reservations say is found") {
  Clean data;
  SECTION("more") { data.SetNet(301); }
  SECTION("less") { data.SetNet(299); }
  CHECK(Found(data) == "ledger_differs_from_payments ledger EUR; money_not_conserved ledger EUR");
}

TEST_CASE("audit: a charge that is being given back may be in the ledger or not") {
  Clean data;
  data.Payment(4).state = pv1::PAYMENT_STATE_REFUNDING;
  const int64_t net = GENERATE(200, 300);
  data.SetNet(net);
  CHECK(Found(data) == "");
}

TEST_CASE("audit: money that moved while it was read is a note, not a finding") {
  Clean data;
  data.SetNet(5000);
  data.s.ledger_before["provider"]["EUR"] = 4000;
  CHECK(Found(data) == "");
  CHECK(Audit(data.s).notes.size() == 1);
}

TEST_CASE("audit: a seat held by no live or confirmed reservation is found") {
  Clean data;
  data.Hold(4, 2);
  data.Event().available_before = data.Event().available_after = 0;
  SECTION("by a cancelled one") { data.Reservation(2).seat_ids = {"a/4"}; }
  SECTION("by one that did not ask for it") {}
  SECTION("by an unknown one") { data.Seat(4).holder = IdOf(9); }
  CHECK(Found(data) == "seat_without_reservation seat hamlet a/4");
}

TEST_CASE("audit: a seat whose state and holder disagree is found") {
  Clean data;
  SECTION("reserved by nobody") {
    data.Seat(4).reserved = true;
    data.Event().available_before = data.Event().available_after = 0;
  }
  SECTION("available but held") { data.Seat(4).holder = IdOf(3); }
  CHECK(Found(data) == "seat_state_inconsistent seat hamlet a/4");
}

TEST_CASE("audit: an event whose seats do not add up is found") {
  Clean data;
  SECTION("a seat too many") { data.Event().seats.push_back({"a/5", false, {}, 100}); }
  SECTION("a seat too few") { data.Event().seats.pop_back(); }
  SECTION("a seat twice") { data.Seat(4).seat_id = "a/3"; }
  SECTION("another count of free seats") {
    data.Event().available_before = data.Event().available_after = 2;
  }
  CHECK(Found(data) == "capacity_mismatch event hamlet");
}

TEST_CASE("audit: an event that moved while it was read is not compared with its count") {
  Clean data;
  data.Event().available_before = 3;
  data.Event().available_after = 2;
  CHECK(Found(data) == "");
}

TEST_CASE("audit: a terminal saga whose reservation disagrees is found") {
  Clean data;
  SECTION("completed, cancelled") { data.Saga(2).state = ov1::SAGA_STATE_COMPLETED; }
  SECTION("compensated, pending") { data.Reservation(2).state = rv1::RESERVATION_STATE_PENDING; }
  SECTION("compensated, held") { data.Reservation(2).state = rv1::RESERVATION_STATE_HELD; }
  SECTION("compensated, being cancelled") {
    data.Reservation(2).state = rv1::RESERVATION_STATE_CANCELLING;
  }
  CHECK(Found(data) == Reserved("state_mismatch", 2));
}

TEST_CASE("audit: a compensated saga whose reservation is confirmed is found") {
  Clean data;
  data.Saga(1).state = ov1::SAGA_STATE_COMPENSATED;
  CHECK(Found(data) == Reserved("state_mismatch", 1));
}

TEST_CASE("audit: a saga without a reservation is found") {
  Clean data;
  data.s.reservations.erase(IdOf(2));
  CHECK(Found(data) == Reserved("saga_without_reservation", 2));
}

TEST_CASE("audit: a reservation without a saga is found, unless it was only just made") {
  Clean data;
  SECTION("settled") {
    data.s.sagas.erase(IdOf(2));
    CHECK(Found(data) == Reserved("reservation_without_saga", 2));
  }
  SECTION("pending for too long") {
    data.Reservation(5).create_time = kNow - absl::Seconds(61);
    CHECK(Found(data) == Reserved("reservation_without_saga", 5));
  }
}

TEST_CASE("audit: a free seat costs nothing and needs no payment") {
  Clean data;
  data.Seat(1).price_minor = data.Seat(2).price_minor = 0;
  data.Reservation(1).price = {0, "EUR"};
  data.SetNet(100);
  SECTION("no payment") { data.s.payments.erase(IdOf(1)); }
  SECTION("a payment of nothing") { data.Payment(1).amount.minor = 0; }
  CHECK(Found(data) == "");
}

// --- Changes of seats

TEST_CASE("audit: an exchanged and partly cancelled reservation is sound") {
  Clean data;
  data.AddChanged();
  SECTION("as it is") {}
  SECTION("after a change that did not succeed") {
    data.AddChange(6, 9, ov1::SAGA_STATE_COMPENSATED);
    data.Pay(6, GENERATE(pv1::PAYMENT_STATE_DECLINED, pv1::PAYMENT_STATE_CANCELLED), 70, 0, 1);
  }
  SECTION("after a change that did not succeed, and was paid back") {
    data.AddChange(6, 9, ov1::SAGA_STATE_COMPENSATED);
    data.Pay(6, pv1::PAYMENT_STATE_REFUNDED, 70, 70, 1);
  }
  SECTION("with a change of no price") { data.Pay(9, pv1::PAYMENT_STATE_CAPTURED, 0, 0, 1); }
  SECTION("with the prices of its seats") { data.Reservation(1).seat_prices = {150}; }
  CHECK(Found(data) == "");
  CHECK(Audit(data.s).counts.reservations == 5);
  CHECK(Audit(data.s).counts.payments == static_cast<int64_t>(data.s.payments.size()));
}

TEST_CASE("audit: money of a change that is not as the reservation says is found") {
  Clean data;
  data.AddChanged();
  const auto found = [&](std::string_view kind) {
    CHECK(Found(data) == Cat(Reserved(kind, 1), "; money_not_conserved ledger EUR"));
  };
  SECTION("the exchange's payment is missing") {
    data.s.payments.erase(IdOf(8));
    data.SetNet(250);
    found("confirmed_without_charge");
  }
  SECTION("the exchange's payment was declined") {
    data.Pay(8, pv1::PAYMENT_STATE_DECLINED, 50, 0, 1);
    data.SetNet(250);
    found("confirmed_without_charge");
  }
  SECTION("the exchange's payment was undone") {
    data.Pay(8, pv1::PAYMENT_STATE_REFUNDED, 50, 50, 1);
    data.SetNet(250);
    found("confirmed_without_charge");
  }
  SECTION("the exchange's payment is of another amount") {
    data.Pay(8, pv1::PAYMENT_STATE_CAPTURED, 60, 0, 1);
    data.SetNet(310);
    found("price_mismatch");
  }
  SECTION("the partial refund is missing") {
    data.Pay(1, pv1::PAYMENT_STATE_CAPTURED, 200);
    data.SetNet(350);
    found("refund_mismatch");
  }
  SECTION("the partial refund was of another amount") {
    data.Pay(1, pv1::PAYMENT_STATE_PARTIALLY_REFUNDED, 200, 51);
    data.SetNet(299);
    found("refund_mismatch");
  }
  SECTION("a change that did not succeed has kept its money") {
    data.AddChange(6, 9, ov1::SAGA_STATE_COMPENSATED);
    data.Pay(6, pv1::PAYMENT_STATE_CAPTURED, 70, 0, 1);
    data.SetNet(370);
    found("charge_without_reservation");
  }
}

TEST_CASE("audit: a payment of a change that no saga works on is found") {
  Clean data;
  data.AddChanged();
  SECTION("that the reservation names") {
    data.Pay(1, pv1::PAYMENT_STATE_REFUNDING, 200, 50);
    data.SetNet(GENERATE(150, 300));
    CHECK(Found(data).starts_with(Reserved("confirmed_without_charge", 1)));
  }
  SECTION("of a change that did not succeed") {
    data.AddChange(6, 9, ov1::SAGA_STATE_COMPENSATED);
    data.Pay(6, pv1::PAYMENT_STATE_PENDING, 70, 0, 1);
    CHECK(Found(data) == Reserved("payment_unsettled", 1));
  }
}

TEST_CASE("audit: a cancellation after changes keeps what it may of all payments") {
  Clean data;
  data.AddChanged();
  data.Reservation(1).state = rv1::RESERVATION_STATE_CANCELLED;
  data.Reservation(1).refund = {75, "EUR"};
  data.Saga(9).state = ov1::SAGA_STATE_COMPENSATED;
  data.Free(4);
  data.Event().available_before = data.Event().available_after = 3;
  data.Pay(8, pv1::PAYMENT_STATE_REFUNDED, 50, 50, 1);
  SECTION("right") {
    data.Pay(1, pv1::PAYMENT_STATE_PARTIALLY_REFUNDED, 200, 75);
    data.SetNet(225);
    CHECK(Found(data) == "");
  }
  SECTION("too much") {
    data.SetNet(250);
    CHECK(Found(data) == Cat(Reserved("refund_mismatch", 1), "; money_not_conserved ledger EUR"));
  }
  SECTION("still held seats") {
    data.Pay(1, pv1::PAYMENT_STATE_PARTIALLY_REFUNDED, 200, 75);
    data.SetNet(225);
    data.Hold(4, 1);
    data.Event().available_before = data.Event().available_after = 2;
    CHECK(Found(data) == "seat_without_reservation seat hamlet a/4");
  }
}

TEST_CASE("audit: a change under way may have done anything or nothing") {
  Clean data;
  data.AddChanging();
  SECTION("nothing") {}
  SECTION("its saga has not started") { data.s.sagas.erase(IdOf(8)); }
  SECTION("new seats are taken and being paid for") {
    data.Hold(4, 1);
    data.Event().available_before = data.Event().available_after = 0;
    data.Pay(8, pv1::PAYMENT_STATE_PENDING, 50, 0, 1);
  }
  SECTION("the same, and the saga had not been seen") {
    data.Hold(4, 1);
    data.Event().available_before = data.Event().available_after = 0;
    data.s.sagas.erase(IdOf(8));
  }
  SECTION("paid") {
    data.Pay(8, pv1::PAYMENT_STATE_CAPTURED, 50, 0, 1);
    data.SetNet(350);
  }
  SECTION("decided, and seats and money are not given back yet") {
    data.AddChanged();
    data.Saga(9) = data.Saga(8);
    data.Saga(9).follows = IdOf(8);
    data.Saga(8).state = ov1::SAGA_STATE_COMPLETED;
    data.Saga(9).state = ov1::SAGA_STATE_RUNNING;
    data.Saga(9).seat_ids = {"a/1"};
    data.Hold(1, 1);
    data.Event().available_before = data.Event().available_after = 1;
    data.Reservation(1).state = rv1::RESERVATION_STATE_CONFIRMED;
    data.Reservation(1).change.reset();
    data.Pay(1, pv1::PAYMENT_STATE_REFUNDING, 200);
  }
  SECTION("the saga before it is not at rest, for however long") {
    data.s.sagas.erase(IdOf(8));
    data.Saga(1).state = ov1::SAGA_STATE_PARKED;
    data.Saga(1).reason = "R";
    data.Saga(1).next_action = "retry it";
    data.Saga(1).needs_attention = true;
    data.Reservation(1).update_time = kNow - absl::Hours(1);
  }
  CHECK(Found(data) == "");
  const AuditFindings result = Audit(data.s);
  CHECK(result.counts.in_flight + result.counts.parked == 4);
  CHECK_THAT(Found(data, {.quiescent = true}), Catch::StartsWith(Reserved("in_flight", 1)) ||
                                                   Catch::StartsWith(Reserved("in_flight", 3)));
}

TEST_CASE("audit: a change that its saga has left behind is found") {
  Clean data;
  data.AddChanging();
  SECTION("completed, and still changing") {
    data.Saga(8).state = GENERATE(ov1::SAGA_STATE_COMPLETED, ov1::SAGA_STATE_COMPENSATED);
    CHECK(Found(data) == Reserved("state_mismatch", 1));
  }
  SECTION("not started for too long") {
    data.s.sagas.erase(IdOf(8));
    data.Reservation(1).update_time = kNow - absl::Seconds(61);
    CHECK(Found(data) == Reserved("reservation_without_saga", 1));
  }
  SECTION("overdue") {
    data.Saga(8).update_time = kNow - absl::Seconds(61);
    CHECK(Found(data) == Reserved("saga_overdue", 1));
  }
  SECTION("it has lost a seat meanwhile") {
    data.Free(2);
    CHECK(Found(data) == Reserved("confirmed_without_seats", 1));
  }
  SECTION("parked without a reason") {
    data.Saga(8).state = ov1::SAGA_STATE_PARKED;
    data.Saga(8).needs_attention = true;
    CHECK(Found(data) == Reserved("parked_without_reason", 1));
    CHECK(Audit(data.s).findings[0].evidence.find(IdOf(8).ToString()) != std::string::npos);
  }
}

TEST_CASE("audit: sagas of a reservation that do not follow each other are found") {
  Clean data;
  data.AddChanged();
  SECTION("a change that was not completed") {
    data.Saga(8).state = ov1::SAGA_STATE_COMPENSATED;
    CHECK(Found(data) == Reserved("state_mismatch", 1));
  }
  SECTION("a change that was lost") {
    data.s.sagas.erase(IdOf(8));
    CHECK(Found(data) == Reserved("state_mismatch", 1));
  }
  SECTION("a completed change that the reservation does not know") {
    data.AddChange(6, 9, ov1::SAGA_STATE_COMPLETED);
    CHECK(Found(data) == Reserved("state_mismatch", 1));
  }
  SECTION("the last change was lost") {
    data.s.sagas.erase(IdOf(9));
    CHECK(Found(data) == Reserved("reservation_without_saga", 1));
  }
  SECTION("in a circle") {
    data.Saga(1).follows = IdOf(9);
    CHECK(Found(data) == Reserved("state_mismatch", 1));
  }
}

TEST_CASE("audit: a change without its reservation is found") {
  Clean data;
  data.AddChange(8, 1, GENERATE(ov1::SAGA_STATE_RUNNING, ov1::SAGA_STATE_COMPENSATED));
  data.Saga(8).reservation_id = IdOf(9);
  CHECK(Found(data) == Reserved("saga_without_reservation", 9));
}

TEST_CASE("audit: seats of a change that is over are found") {
  Clean data;
  data.AddChanged();
  SECTION("not given back") {
    data.Hold(2, 1);
    data.Event().available_before = data.Event().available_after = 1;
    CHECK(Found(data) == "seat_without_reservation seat hamlet a/2");
  }
  SECTION("the new one was never taken") {
    data.Free(4);
    CHECK(Found(data) == Reserved("confirmed_without_seats", 1));
  }
  SECTION("another price") {
    data.Reservation(1).seat_prices = {149};
    CHECK(Found(data) == Reserved("price_mismatch", 1));
  }
}

TEST_CASE("audit report: the same findings as a table, a document and lines") {
  Clean data;
  data.s.ledger_after["customers"]["EUR"] += 1;
  data.s.ledger_before = data.s.ledger_after;
  const AuditFindings result = Audit(data.s);

  const std::string table = RenderAudit(result, Style{});
  CHECK_THAT(table, Catch::Contains("ledger_unbalanced") && Catch::Contains("0.01 EUR, not 0") &&
                        Catch::Contains("1 finding\n") &&
                        Catch::Contains("sagactl list --attention"));
  CHECK_THAT(AuditJson(result), Catch::Contains("\"ok\": false") &&
                                    Catch::Contains("\"kind\": \"ledger_unbalanced\"") &&
                                    Catch::Contains("\"in_flight\": 2"));
  const std::string lines = AuditJsonLines(result);
  CHECK(std::ranges::count(lines, '\n') == 3);
  CHECK(lines.starts_with(R"({"type":"finding","kind":"ledger_unbalanced","invariant":"I7")"));
}

std::string IdText(int number) { return IdOf(number).ToString(); }

TEST_CASE("audit rows: a payment tells whose it is, and what was paid back") {
  pv1::Payment payment;
  payment.set_reservation_id(IdText(1));
  payment.mutable_amount()->set_amount_minor(100);
  CHECK(RowOf(payment)->refunded_minor == 0);
  payment.mutable_refunded()->set_amount_minor(30);
  CHECK(RowOf(payment)->refunded_minor == 30);
  CHECK(RowOf(payment)->reservation_id == IdOf(1));
}

TEST_CASE("audit rows: a reservation tells its sagas, payments and prices") {
  rv1::Reservation reservation;
  reservation.set_saga_id(IdText(1));
  CHECK_FALSE(RowOf(reservation)->refund.has_value());
  CHECK_FALSE(RowOf(reservation)->change.has_value());
  reservation.mutable_refund()->set_currency("EUR");
  reservation.mutable_update_time()->set_seconds(7);
  reservation.mutable_change()->set_saga_id(IdText(2));
  reservation.mutable_change()->add_seat_ids("a/4");
  reservation.add_seat_prices_minor(70);
  auto& paid = *reservation.add_payments();
  paid.set_payment_id(IdText(3));
  paid.mutable_amount()->set_amount_minor(80);
  paid.mutable_refunded()->set_amount_minor(10);
  const auto row = RowOf(reservation);
  CHECK(row->refund == Amount{0, "EUR"});
  CHECK(row->update_time == absl::FromUnixSeconds(7));
  CHECK(row->saga_id == IdOf(1));
  CHECK(row->change->saga_id == IdOf(2));
  CHECK(row->change->seat_ids == std::vector<std::string>{"a/4"});
  CHECK(row->seat_prices == std::vector<int64_t>{70});
  REQUIRE(row->payments.size() == 1);
  CHECK(row->payments[0].id == IdOf(3));
  CHECK(row->payments[0].amount.minor == 80);
  CHECK(row->payments[0].refunded_minor == 10);
}

TEST_CASE("audit rows: a saga tells its reservation, the saga before it and its seats") {
  ov1::Saga saga;
  saga.set_saga_id(IdText(1));
  saga.set_state(ov1::SAGA_STATE_RUNNING);
  CHECK(RowOf(saga)->reservation_id == IdOf(1));  // of a kind that is not known
  saga.mutable_data()->mutable_reservation()->add_seat_ids("a/1");
  CHECK(RowOf(saga)->reservation_id == IdOf(1));
  CHECK(RowOf(saga)->follows == Id());
  CHECK(RowOf(saga)->seat_ids == std::vector<std::string>{"a/1"});
  auto& change = *saga.mutable_data()->mutable_exchange();
  change.set_reservation_id(IdText(2));
  change.set_follows_saga_id(IdText(3));
  change.add_seat_ids("a/2");
  change.add_give_back_seat_ids("a/1");
  CHECK(RowOf(saga)->reservation_id == IdOf(2));
  CHECK(RowOf(saga)->follows == IdOf(3));
  CHECK(RowOf(saga)->seat_ids == std::vector<std::string>{"a/2", "a/1"});
  saga.set_state(ov1::SAGA_STATE_COMPLETED);
  CHECK(RowOf(saga)->seat_ids.empty());
}

TEST_CASE("audit rows: what is no id is an error that names the service") {
  ov1::Saga saga;
  saga.set_saga_id(IdText(1));
  saga.mutable_data()->mutable_exchange()->set_reservation_id("nobody");
  CHECK_THAT(std::string(RowOf(saga).status().message()), Catch::Contains("orchestrator"));
  CHECK_THAT(std::string(RowOf(pv1::Payment()).status().message()), Catch::Contains("payment_svc"));
  CHECK_THAT(std::string(RowOf(rv1::Reservation()).status().message()),
             Catch::Contains("reservation_svc"));
}

TEST_CASE("audit rows: a holder that is not an id is an error that names the service") {
  seat::v1::Seat seat;
  seat.set_reservation_id("nobody");
  const auto row = RowOf(seat);
  REQUIRE_FALSE(row.ok());
  CHECK_THAT(std::string(row.status().message()), Catch::Contains("seat_svc"));
}

}  // namespace
}  // namespace seatsaga::cli
