// The acts about seats that are paid for later, and about reservations that are cancelled or
// changed.
#include "absl/time/clock.h"
#include "common/text.h"
#include "common/time_proto.h"
#include "demo/story.h"

namespace seatsaga::demo {
namespace {

using cluster::SeatId;
using reservation::v1::RESERVATION_STATE_CANCELLED;
using reservation::v1::RESERVATION_STATE_CONFIRMED;
using reservation::v1::RESERVATION_STATE_HELD;

constexpr absl::Duration kHold = absl::Minutes(2);
constexpr absl::Duration kLongerHold = absl::Minutes(10);
constexpr absl::Duration kShortHold = absl::Seconds(3);  // expires while one looks on

constexpr const char* kRefundedEvent = "macbeth";
constexpr const char* kBox = "boxes/A/1";
constexpr absl::Duration kDay = absl::Hours(24);

void AddRule(absl::Duration before_start, int percent, seat::v1::Event& event) {
  auto* rule = event.add_refund_rules();
  *rule->mutable_before_start() = ToProto(before_start);
  rule->set_percent(percent);
}

// It starts in three days, which is between its two refund rules.
seat::v1::Event EventWithRefunds() {
  seat::v1::Event event = cluster::PlainEvent(kRefundedEvent, 1, 10);
  event.set_display_name("Macbeth");
  auto* boxes = event.add_sections();
  boxes->set_name("boxes");
  boxes->set_price_minor(4000);
  auto* row = boxes->add_rows();
  row->set_name("A");
  row->set_seat_count(2);
  *event.mutable_start_time() = ToProto(absl::Now() + 3 * kDay);
  AddRule(7 * kDay, 100, event);
  AddRule(1 * kDay, 50, event);
  return event;
}

// What the provider owes us, over the whole ledger. All prices of the demo are in one currency.
saga::v1::Money InTheLedger(cluster::Clients& clients) {
  saga::v1::Money money;
  const auto ledger = clients.Call(payment::v1::GetLedgerRequest());
  if (!ledger.ok()) return money;
  for (const auto& account : ledger->balances()) {
    if (account.account() != "provider") continue;
    money.set_amount_minor(account.balance_minor());
    money.set_currency(account.currency());
  }
  return money;
}

}  // namespace

void Story::HeldAndPaidLater() {
  narrator_.Step("Grace holds two seats, and pays later");
  narrator_.Say(
      "reserve seats -> hold: the saga waits for her payment, or for the end of the hold");
  const Reservation held =
      Send("held, paid later", cluster::Hold(kEvent, {SeatId(0, 7), SeatId(0, 8)}, kHold, "grace"));
  narrator_.Fact(held.state() == RESERVATION_STATE_HELD, "her reservation is HELD for two minutes",
                 StateOf(held));
  narrator_.Fact(!IsFree(SeatId(0, 7)), "nobody else can have the seats");

  reservation::v1::ExtendHoldRequest longer;
  longer.set_reservation_id(held.reservation_id());
  *longer.mutable_hold_duration() = ToProto(kLongerHold);
  const auto extended = cluster_.Call(longer);
  narrator_.Fact(extended.ok() && FromProto(extended->reservation().expire_time()) >
                                      FromProto(held.expire_time()),
                 "she needs more time: the hold is extended to ten minutes",
                 extended.status().ToString());

  const Reservation paid = Checked(
      "she can pay", cluster::PayUntilFinal(cluster_.clients(), held.reservation_id(), "tok_visa"));
  narrator_.Fact(paid.state() == RESERVATION_STATE_CONFIRMED && Amount(paid.price()) == "50.00 EUR",
                 "she pays 50.00 EUR: CONFIRMED", Cat(StateOf(paid), " ", Amount(paid.price())));
}

void Story::HoldExpires() {
  narrator_.Step("Heidi holds a seat, and forgets it");
  narrator_.Say(Cat("a hold of ", absl::ToInt64Seconds(kShortHold), " seconds, for this demo"));
  const Reservation held =
      Send("hold expired", cluster::Hold(kEvent, {SeatId(1, 1)}, kShortHold, "heidi"));
  narrator_.Fact(held.state() == RESERVATION_STATE_HELD, "her reservation is HELD", StateOf(held));
  Reservation last;
  cluster::WaitUntil([&] {
    const auto now = cluster::GetReservation(cluster_.clients(), held.reservation_id());
    if (now.ok()) last = *now;
    return last.state() == RESERVATION_STATE_CANCELLED;
  });
  narrator_.Fact(StateOf(last) == "CANCELLED HOLD_EXPIRED",
                 "time is up: CANCELLED, reason HOLD_EXPIRED", StateOf(last));
  narrator_.Fact(IsFree(SeatId(1, 1)), "her seat is free again");
  const auto payment = cluster::GetPayment(cluster_.clients(), held.reservation_id());
  narrator_.Fact(absl::IsNotFound(payment.status()),
                 "nothing was charged: payment_svc has never heard of her");
}

void Story::SecondCard() {
  narrator_.Step("Ivan's card is declined; his second card is not");
  narrator_.Say("a hold survives a declined card: the saga goes back, and waits for another one");
  const Reservation held =
      Send("second card", cluster::Hold(kEvent, {SeatId(1, 2)}, kHold, "ivan"));
  const std::string& id = held.reservation_id();
  const Reservation declined =
      Checked("he can pay", cluster::PayUntilFinal(cluster_.clients(), id, "tok_declined"));
  narrator_.Fact(declined.state() == RESERVATION_STATE_HELD &&
                     declined.payment_failure().reason() == "PAYMENT_DECLINED",
                 "the first card: PAYMENT_DECLINED, and his reservation is HELD again",
                 StateOf(declined));
  narrator_.Fact(!IsFree(SeatId(1, 2)), "the seat was his all the time");
  const Reservation paid =
      Checked("he can pay again", cluster::PayUntilFinal(cluster_.clients(), id, "tok_visa"));
  narrator_.Fact(paid.state() == RESERVATION_STATE_CONFIRMED, "the second card: CONFIRMED",
                 StateOf(paid));
}

void Story::CancelledWithRefund() {
  narrator_.Step("Judy has paid for Macbeth, and changes her mind");
  narrator_.Say(
      "Macbeth starts in 3 days; refunds: 100 % until 7 days before, 50 % until 1 day before");
  const absl::Status created = cluster::CreateEvent(cluster_.clients(), EventWithRefunds());
  narrator_.Fact(created.ok(), "seat_svc has the event and its terms", created.ToString());
  const Reservation paid =
      Send("cancelled after payment",
           cluster::Reserve(kRefundedEvent, {SeatId(0, 1), SeatId(0, 2)}, "tok_visa", "judy"));
  narrator_.Fact(paid.state() == RESERVATION_STATE_CONFIRMED, "she paid 50.00 EUR: CONFIRMED",
                 StateOf(paid));
  AskWhatWouldBeRefunded(paid.reservation_id());
  CancelForRefund(paid.reservation_id());
}

void Story::AskWhatWouldBeRefunded(const std::string& reservation_id) {
  reservation::v1::CancelReservationRequest request = cluster::Cancel(reservation_id);
  request.set_validate_only(true);
  const auto answer = cluster_.Call(request);
  const std::string refund = answer.ok() ? Amount(answer->reservation().refund()) : "-";
  narrator_.Fact(refund == "25.00 EUR",
                 "validate_only: a cancellation now would pay back 25.00 EUR",
                 answer.ok() ? refund : answer.status().ToString());
  const auto now = cluster::GetReservation(cluster_.clients(), reservation_id);
  narrator_.Fact(now.ok() && now->state() == RESERVATION_STATE_CONFIRMED,
                 "that was only a question: she still has her seats");
}

void Story::CancelForRefund(const std::string& reservation_id) {
  const saga::v1::Money before = InTheLedger(cluster_.clients());
  const Reservation cancelled =
      Checked("she can cancel", cluster::CancelUntilFinal(cluster_.clients(), reservation_id));
  narrator_.Fact(StateOf(cancelled) == "CANCELLED CANCELLED_BY_CLIENT",
                 "she cancels: CANCELLED, reason CANCELLED_BY_CLIENT", StateOf(cancelled));
  const saga::v1::Money after = InTheLedger(cluster_.clients());
  narrator_.Fact(
      Amount(cancelled.refund()) == "25.00 EUR" &&
          before.amount_minor() - after.amount_minor() == 2500,
      Cat("she gets 25.00 EUR back; the ledger goes from ", Amount(before), " to ", Amount(after)),
      Amount(cancelled.refund()));
  narrator_.Fact(Amount(KeptOf(cancelled)) == "25.00 EUR", "25.00 EUR stay with the theatre",
                 Amount(KeptOf(cancelled)));
  narrator_.Fact(IsFree(SeatId(0, 1), kRefundedEvent) && IsFree(SeatId(0, 2), kRefundedEvent),
                 "her seats are free again");
}

void Story::ExchangesASeat() {
  narrator_.Step("Kim exchanges one of her seats for a box");
  narrator_.Say(
      "reserve the box -> charge the difference -> confirm -> give the old seat back: a second "
      "saga");
  const std::string old_seat = SeatId(0, 4);
  const Reservation paid =
      Send("one seat exchanged",
           cluster::Reserve(kRefundedEvent, {SeatId(0, 3), old_seat}, "tok_visa", "kim"));
  narrator_.Fact(paid.state() == RESERVATION_STATE_CONFIRMED, "she paid 50.00 EUR: CONFIRMED",
                 StateOf(paid));
  const Reservation declined =
      Exchanged(cluster::Exchange(paid.reservation_id(), {old_seat}, {kBox}, "tok_declined"));
  narrator_.Fact(declined.change_failure().reason() == "PAYMENT_DECLINED" &&
                     declined.seat_ids(1) == old_seat && IsFree(kBox, kRefundedEvent),
                 "her card is declined: she keeps what she had, and the box is free",
                 Cat(StateOf(declined), " ", declined.change_failure().reason()));
  const saga::v1::Money before = InTheLedger(cluster_.clients());
  const Reservation exchanged =
      Exchanged(cluster::Exchange(paid.reservation_id(), {old_seat}, {kBox}, "tok_visa"));
  narrator_.Fact(exchanged.seat_ids(1) == kBox && Amount(exchanged.price()) == "65.00 EUR",
                 "with another card she has the box",
                 Cat(StateOf(exchanged), " ", Amount(exchanged.price())));
  const saga::v1::Money after = InTheLedger(cluster_.clients());
  narrator_.Fact(after.amount_minor() - before.amount_minor() == 1500,
                 Cat("15.00 EUR more were charged; the ledger goes from ", Amount(before), " to ",
                     Amount(after)));
  narrator_.Fact(cluster::WaitUntil([&] { return IsFree(old_seat, kRefundedEvent); }),
                 "her old seat is free again");
}

Story::Reservation Story::Exchanged(reservation::v1::ExchangeSeatsRequest request) {
  request.mutable_wait()->set_seconds(30);
  const auto answer = cluster_.Call(request);
  Reservation reservation =
      answer.ok()
          ? Checked("she can exchange seats", absl::StatusOr<Reservation>(answer->reservation()))
          : Checked("she can exchange seats", answer.status());
  while (reservation.seat_ids_size() < 2) reservation.add_seat_ids("-");  // of an error
  return reservation;
}

}  // namespace seatsaga::demo
