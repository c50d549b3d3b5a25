#include "demo/story.h"

#include <algorithm>
#include <future>

#include "absl/strings/str_format.h"
#include "common/text.h"
#include "common/time_proto.h"

namespace seatsaga::demo {
namespace {

using cluster::SeatId;
using cluster::Service;
using reservation::v1::RESERVATION_STATE_CANCELLED;
using reservation::v1::RESERVATION_STATE_CONFIRMED;
using reservation::v1::RESERVATION_STATE_PENDING;

std::string Joined(const google::protobuf::RepeatedPtrField<std::string>& words) {
  std::string out;
  for (const std::string& word : words) Append(out, out.empty() ? "" : " ", word);
  return out;
}

// Also if some of it was paid back after the confirmation.
std::string PaidFor(const reservation::v1::Reservation& reservation) {
  const bool paid = reservation.state() == RESERVATION_STATE_CONFIRMED || reservation.has_refund();
  return paid ? Amount(reservation.price()) : "-";
}

}  // namespace

std::string Amount(const saga::v1::Money& money) {
  if (money.currency().empty()) return "-";
  return Cat(absl::StrFormat("%d.%02d", money.amount_minor() / 100, money.amount_minor() % 100),
             " ", money.currency());
}

std::string StateOf(const reservation::v1::Reservation& reservation) {
  constexpr std::string_view kPrefix = "RESERVATION_STATE_";
  const std::string& name = reservation::v1::ReservationState_Name(reservation.state());
  return Cat(name.substr(std::min(kPrefix.size(), name.size())),
             reservation.reason().empty() ? "" : " ", reservation.reason());
}

saga::v1::Money KeptOf(const reservation::v1::Reservation& reservation) {
  saga::v1::Money kept = reservation.price();
  kept.set_amount_minor(reservation.has_refund() ? reservation.price().amount_minor() -
                                                       reservation.refund().amount_minor()
                                                 : 0);
  return kept;
}

void Story::Play() {
  CreateTheEvent();
  Confirmed();
  DeclinedCard();
  RaceForOneSeat();
  HeldAndPaidLater();
  HoldExpires();
  SecondCard();
  CancelledWithRefund();
  ExchangesASeat();
  ProviderTimesOut();
  OrchestratorIsKilled();
}

void Story::CreateTheEvent() {
  narrator_.Step("An event is created: Hamlet, 20 seats at 25.00 EUR");
  const absl::Status created = cluster::CreateEvent(cluster_.clients(), kEvent, 2, 10);
  narrator_.Fact(created.ok(), "seat_svc has the event", created.ToString());
  const int free = cluster::AvailableSeats(cluster_.clients(), kEvent);
  narrator_.Fact(free == 20, "20 seats are free", Cat(free));
}

void Story::Confirmed() {
  narrator_.Step("Alice reserves two seats and pays");
  narrator_.Say("reserve seats -> charge 50.00 EUR -> confirm: three services, one saga");
  const Reservation reservation =
      ReserveNow("two seats, paid", "alice", {SeatId(0, 1), SeatId(0, 2)}, "tok_visa");
  narrator_.Fact(reservation.state() == RESERVATION_STATE_CONFIRMED, "her reservation is CONFIRMED",
                 StateOf(reservation));
  narrator_.Fact(Amount(reservation.price()) == "50.00 EUR", "she paid 50.00 EUR",
                 Amount(reservation.price()));
}

void Story::DeclinedCard() {
  narrator_.Step("Bob's card is declined");
  narrator_.Say("the seat was reserved already: the saga compensates and frees it again");
  const Reservation reservation =
      ReserveNow("declined card", "bob", {SeatId(0, 3)}, "tok_declined");
  narrator_.Fact(StateOf(reservation) == "CANCELLED PAYMENT_DECLINED",
                 "his reservation is CANCELLED, reason PAYMENT_DECLINED", StateOf(reservation));
  narrator_.Fact(IsFree(SeatId(0, 3)), "his seat is free again");
}

void Story::RaceForOneSeat() {
  narrator_.Step("Carol and Dave race for the same seat");
  const auto reserve = [this](const char* user) {
    return std::async(std::launch::async, [this, user] {
      return cluster::ReserveUntilFinal(cluster_.clients(),
                                        cluster::Reserve(kEvent, {SeatId(0, 4)}, "tok_visa", user));
    });
  };
  auto carols = reserve("carol");
  auto daves = reserve("dave");
  const absl::StatusOr<Reservation> both[] = {carols.get(), daves.get()};
  int winners = 0;
  int refused = 0;
  for (const auto& reservation : both) {
    Remember("race for one seat", reservation);
    if (!reservation.ok()) continue;
    winners += reservation->state() == RESERVATION_STATE_CONFIRMED ? 1 : 0;
    refused += StateOf(*reservation) == "CANCELLED SEAT_NOT_AVAILABLE" ? 1 : 0;
  }
  narrator_.Fact(winners == 1, "exactly one of them wins", Cat(winners, " won"));
  narrator_.Fact(refused == 1, "the other one is told SEAT_NOT_AVAILABLE, and pays nothing");
}

void Story::ProviderTimesOut() {
  narrator_.Step("The payment provider charges Erin, but its answer never comes");
  narrator_.Say("nobody knows whether money moved: payment_svc finds out before it goes on");
  const Reservation reservation =
      ReserveNow("provider timed out", "erin", {SeatId(0, 5)}, "tok_timeout_charged");
  const auto payment = cluster::GetPayment(cluster_.clients(), reservation.reservation_id());
  const bool captured = payment.ok() && payment->state() == payment::v1::PAYMENT_STATE_CAPTURED;
  const bool confirmed = reservation.state() == RESERVATION_STATE_CONFIRMED;
  narrator_.Fact(confirmed || reservation.state() == RESERVATION_STATE_CANCELLED,
                 Cat("the reservation has an end: ", StateOf(reservation)), StateOf(reservation));
  narrator_.Fact(captured == confirmed, confirmed ? "her money was taken once, and she has the seat"
                                                  : "she has no seat, and her money is back");
}

void Story::OrchestratorIsKilled() {
  narrator_.Step("kill -9 of the orchestrator, in the middle of Frank's reservation");
  const auto submitted = cluster::Submit(
      cluster_.clients(), cluster::Reserve(kEvent, {SeatId(0, 6)}, "tok_slow_1500", "frank"));
  Remember("kill -9 midway", submitted);
  narrator_.Fact(submitted.ok(), "the request is durable: PENDING", submitted.status().ToString());
  if (!submitted.ok()) return;
  const std::string& id = submitted->reservation_id();
  const bool charging = cluster::WaitUntil(
      [&] { return cluster::SagaIsAt(cluster_.clients(), id, "charge_payment"); });
  narrator_.Fact(charging, "the seat is reserved, and the charge is under way");

  cluster_.Kill(Service::kOrchestrator);
  narrator_.Say("the orchestrator is dead; the other three go on serving");
  const auto meanwhile = cluster::GetReservation(cluster_.clients(), id);
  narrator_.Fact(meanwhile.ok() && meanwhile->state() == RESERVATION_STATE_PENDING,
                 "the reservation is still PENDING: nothing is lost, nothing is guessed");

  const absl::Status restarted = cluster_.Start(Service::kOrchestrator);
  narrator_.Fact(restarted.ok(), "the orchestrator is back, and takes up its sagas again",
                 restarted.ToString());
  Reservation last;
  cluster::WaitUntil([&] {
    const auto now = cluster::GetReservation(cluster_.clients(), id);
    if (now.ok()) last = *now;
    return last.state() == RESERVATION_STATE_CONFIRMED ||
           last.state() == RESERVATION_STATE_CANCELLED;
  });
  narrator_.Fact(last.state() == RESERVATION_STATE_CONFIRMED, "his reservation is CONFIRMED",
                 StateOf(last));
}

Story::Reservation Story::ReserveNow(std::string_view what, std::string_view user,
                                     const std::vector<std::string>& seats,
                                     std::string_view token) {
  return Send(what, cluster::Reserve(kEvent, seats, token, user));
}

Story::Reservation Story::Send(std::string_view what,
                               const reservation::v1::CreateReservationRequest& request) {
  const auto reservation = cluster::ReserveUntilFinal(cluster_.clients(), request);
  Remember(what, reservation);
  return Checked("the reservation has an end", reservation);
}

Story::Reservation Story::Checked(std::string_view what,
                                  const absl::StatusOr<Reservation>& answer) {
  if (answer.ok()) return *answer;
  narrator_.Fact(false, what, answer.status().ToString());
  return {};
}

void Story::Remember(std::string_view what, const absl::StatusOr<Reservation>& reservation) {
  if (reservation.ok()) lines_.push_back({std::string(what), reservation->reservation_id()});
}

bool Story::IsFree(const std::string& seat_id, std::string_view event_id) {
  seat::v1::ListSeatsRequest request;
  request.set_event_id(std::string(event_id));
  request.set_state(seat::v1::SEAT_STATE_AVAILABLE);
  const auto free = cluster_.Call(request);
  return free.ok() && std::any_of(free->seats().begin(), free->seats().end(),
                                  [&](const auto& seat) { return seat.seat_id() == seat_id; });
}

void Story::Summary() {
  std::vector<std::vector<std::string>> rows = {
      {"STORY", "USER", "EVENT", "SEATS", "PAID", "PAID BACK", "STATE"}};
  for (const Line& line : lines_) {
    const auto now = cluster::GetReservation(cluster_.clients(), line.reservation_id);
    if (!now.ok()) continue;
    rows.push_back({line.what, now->user_id(), now->event_id(), Joined(now->seat_ids()),
                    PaidFor(*now), Amount(now->refund()), StateOf(*now)});
  }
  narrator_.Table(rows);
}

}  // namespace seatsaga::demo
