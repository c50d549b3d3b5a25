#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/checker.h"
#include "tests/simulation/history.h"

// What the checker's tests tell stories with.
namespace seatsaga::simulation {

// What one customer asks for, and the id of the reservation that it becomes.
struct Order {
  std::string id;
  std::string request;
  std::vector<std::string> seats;
  std::string card = "visa";
  std::string event = "hamlet";
  std::string user = "anna";
  bool hold = false;
};

inline const Order kA{"res-a", "req-a", {"1", "2"}};
inline const Order kB{"res-b", "req-b", {"2", "3"}, "visa", "hamlet", "bert"};
inline const Order kC{"res-c", "req-c", {"3"}, "visa", "hamlet", "carl"};
inline const Order kBroke{"res-d", "req-d", {"1"}, "broke"};
inline const Order kSticky{"res-s", "req-s", {"1"}, "sticky"};
inline const Order kFree{"res-f", "req-f", {"gift"}, "broke"};
inline const Order kNoSeat{"res-n", "req-n", {"1", "99"}};
// Paid for later: 30 EUR, of which a cancellation once CONFIRMED gives back 9.
inline const Order kHold{"res-l", "req-l", {"1", "2"}, "", "hamlet", "lena", true};
inline const Order kFreeHold{"res-g", "req-g", {"gift"}, "", "hamlet", "gina", true};
inline const Order kNoHall{"res-h", "req-h", {"1"}, "visa", "macbeth"};

inline Shown Pending(const Order& order) {
  return {.reservation_id = order.id,
          .request_id = order.request,
          .user = order.user,
          .event = order.event,
          .seats = order.seats,
          .hold = order.hold};
}

inline Order With(Order order, const std::string& card) {
  order.card = card;
  return order;
}

inline Order WithId(Order order, const std::string& id) {
  order.id = id;
  return order;
}

// A history under construction: what follows happens after what came before.
class Run {
 public:
  Run() {
    history.halls = {{.event = "hamlet",
                      .currency = "EUR",
                      .price_minor = {{"1", 10}, {"2", 20}, {"3", 30}, {"gift", 0}},
                      .refund_percent = 33}};
    history.cards = {{"visa", CardRule::kApproves},
                     {"broke", CardRule::kDeclines},
                     {"empty", CardRule::kDeclines},
                     {"sticky", CardRule::kRefundRefused}};
    for (const auto& [seat, price] : history.halls[0].price_minor) {
      history.end.seats[{"hamlet", seat}] = "";
    }
  }

  int64_t PriceOf(const Order& order) const {
    int64_t sum = 0;
    for (const std::string& seat : order.seats) {
      const auto price = history.halls[0].price_minor.find(seat);
      if (price != history.halls[0].price_minor.end()) sum += price->second;
    }
    return sum;
  }
  Shown Priced(Shown shown) const {
    shown.paid_minor = PriceOf({.seats = shown.seats});
    shown.currency = "EUR";
    return shown;
  }
  Shown Confirmed(const Order& order) const {
    Shown shown = Priced(Pending(order));
    shown.status = Status::kConfirmed;
    return shown;
  }
  Shown Held(const Order& order, const std::string& failure = "") const {
    Shown shown = Priced(Pending(order));
    shown.status = Status::kHeld;
    shown.failure = failure;
    return shown;
  }
  // A hold while a payment is under way.
  Shown Paying(const Order& order) const { return Priced(Pending(order)); }
  // By its client, before it was CONFIRMED, or after.
  static Shown Cancelling(const Order& order) {
    Shown shown = Pending(order);
    shown.status = Status::kCancelling;
    return shown;
  }
  Shown Refunding(const Order& order) const {
    Shown shown = Priced(Cancelling(order));
    shown.refund_minor = shown.paid_minor * 33 / 100;
    return shown;
  }
  Shown Refunded(const Order& order) const {
    Shown shown = Refunding(order);
    shown.status = Status::kCancelled;
    shown.reason = "CANCELLED_BY_CLIENT";
    return shown;
  }
  static Shown Cancelled(const Order& order, const std::string& reason) {
    Shown shown = Pending(order);
    shown.status = Status::kCancelled;
    shown.reason = reason;
    return shown;
  }

  // --- Creations
  Creation& Asks(const Order& order) {
    Creation creation{.request_id = order.request,
                      .user = order.user,
                      .event = order.event,
                      .seats = order.seats,
                      .card = order.card,
                      .hold = order.hold,
                      .sent = ++now};
    history.creations.push_back(creation);
    history.creations.back().ended = ++now;
    return history.creations.back();
  }
  void Unheard(const Order& order) { Asks(order); }
  void Answered(const Order& order, const Shown& shown) {
    Creation& creation = Asks(order);
    creation.heard = Heard::kAnswer;
    creation.shown = shown;
  }
  void Accepted(const Order& order) { Answered(order, Pending(order)); }
  void Refused(const Order& order, const std::string& error) {
    Creation& creation = Asks(order);
    creation.heard = Heard::kNo;
    creation.error = error;
  }

  // --- Looks
  Look& Looks(const std::string& id, const Shown& shown) {
    history.looks.push_back({.reservation_id = id, .sent = ++now});
    Look& look = history.looks.back();
    look.ended = ++now;
    look.heard = Heard::kAnswer;
    look.shown = shown;
    return look;
  }
  Look& Sees(const Shown& shown) { return Looks(shown.reservation_id, shown); }
  void FindsNone(const std::string& id) {
    history.looks.push_back({.reservation_id = id, .sent = ++now});
    history.looks.back().ended = ++now;
    history.looks.back().heard = Heard::kNo;
    history.looks.back().not_found = true;
  }
  SeatLook& SeesSeat(const std::string& seat, const std::string& holder) {
    const Moment sent = ++now;
    history.seat_looks.push_back({"hamlet", seat, holder, sent, ++now});
    return history.seat_looks.back();
  }

  // --- Payments, extensions, cancellations
  Wish& Wishes(Wish::Kind kind, const Order& order, const std::string& request) {
    history.wishes.push_back(
        {.kind = kind, .reservation_id = order.id, .request_id = request, .sent = ++now});
    history.wishes.back().ended = ++now;
    return history.wishes.back();
  }
  static void Answer(Wish& wish, const Shown& shown) {
    wish.heard = Heard::kAnswer;
    wish.shown = shown;
  }
  static void Refuse(Wish& wish, const std::string& error) {
    wish.heard = Heard::kNo;
    wish.error = error;
  }
  // Each payment has its own request, unless it is said which.
  Wish& PaysUnheard(const Order& order, const std::string& card, std::string request = "") {
    if (request.empty()) request = "pay-" + std::to_string(++payments_);
    Wish& wish = Wishes(Wish::Kind::kPay, order, request);
    wish.card = card;
    return wish;
  }
  Wish& Pays(const Order& order, const std::string& card, const std::string& request = "") {
    Wish& wish = PaysUnheard(order, card, request);
    Answer(wish, Paying(order));
    return wish;
  }
  void IsNotPaid(const Order& order, const std::string& error, const std::string& request = "") {
    Refuse(PaysUnheard(order, "visa", request), error);
  }
  Wish& Extends(const Order& order, const Shown& shown) {
    Wish& wish = Wishes(Wish::Kind::kExtend, order, "");
    Answer(wish, shown);
    return wish;
  }
  void IsNotExtended(const Order& order, const std::string& error) {
    Refuse(Wishes(Wish::Kind::kExtend, order, ""), error);
  }
  Wish& CancelsUnheard(const Order& order, const std::string& request = "cancel-1") {
    return Wishes(Wish::Kind::kCancel, order, request);
  }
  Wish& Cancels(const Order& order, const Shown& shown, const std::string& request = "cancel-1") {
    Wish& wish = CancelsUnheard(order, request);
    Answer(wish, shown);
    return wish;
  }
  void IsNotCancelled(const Order& order, const std::string& error,
                      const std::string& request = "cancel-1") {
    Refuse(CancelsUnheard(order, request), error);
  }
  Wish& Validates(const Order& order, const Shown& shown, const std::string& request = "cancel-1") {
    Wish& wish = Cancels(order, shown, request);
    wish.only_validates = true;
    return wish;
  }

  // --- Operators
  void Operator(Intervention::Kind kind, const Order& order, Heard heard) {
    const Moment sent = ++now;
    history.interventions.push_back({kind, order.id, sent, ++now, heard});
  }
  void Compensates(const Order& order, Heard heard = Heard::kAnswer) {
    Operator(Intervention::Kind::kCompensate, order, heard);
  }

  // --- The end
  void EndsConfirmed(const Order& order) {
    history.end.reservations[order.id] = Confirmed(order);
    Holds(order);
    if (const int64_t price = PriceOf(order); price > 0) {
      history.end.accounts[order.id] = {.captured_minor = price, .captures = 1};
    }
  }
  void EndsCancelled(const Order& order, const std::string& reason) {
    history.end.reservations[order.id] = Cancelled(order, reason);
  }
  // By its client, after it was CONFIRMED.
  void EndsRefundedInPart(const Order& order) {
    history.end.reservations[order.id] = Refunded(order);
    history.end.accounts[order.id] = {.captured_minor = PriceOf(order),
                                      .refunded_minor = PriceOf(order) * 33 / 100,
                                      .captures = 1};
  }
  // Held, and then cancelled without a charge.
  void EndsUnpaid(const Order& order, const std::string& reason, int declines = 0) {
    history.end.reservations[order.id] = Priced(Cancelled(order, reason));
    if (declines > 0) history.end.accounts[order.id] = {.declines = declines};
  }
  // Charged, and given back.
  void EndsRefunded(const Order& order, const std::string& reason) {
    EndsCancelled(order, reason);
    history.end.accounts[order.id] = {
        .captured_minor = PriceOf(order), .refunded_minor = PriceOf(order), .captures = 1};
  }
  void EndsParked(const Order& order) {
    history.end.reservations[order.id] = Pending(order);
    history.end.parked[order.id] = true;
    history.end.accounts[order.id] = {.captured_minor = PriceOf(order), .captures = 1};
    Holds(order);
  }
  void Holds(const Order& order) {
    for (const std::string& seat : order.seats) history.end.seats[{order.event, seat}] = order.id;
  }
  Account& AccountOf(const Order& order) { return history.end.accounts[order.id]; }
  Shown& AtEnd(const Order& order) { return history.end.reservations.at(order.id); }

  Moment now = 0;
  History history;

 private:
  int payments_ = 0;
};

// The most usual runs.
inline Run ConfirmedRun(const Order& order = kA) {
  Run run;
  run.Accepted(order);
  run.EndsConfirmed(order);
  return run;
}

inline Run CancelledRun(const Order& order, const std::string& reason) {
  Run run;
  run.Accepted(order);
  run.EndsCancelled(order, reason);
  return run;
}

inline std::string Lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

inline void RequirePasses(const Run& run) { REQUIRE(Lines(Check(run.history)).empty()); }

// Exactly these violations, of which the texts are parts.
inline void RequireFinds(const Run& run, const std::vector<std::string>& texts) {
  std::vector<std::string> found = Check(run.history);
  INFO("found:\n" << Lines(found));
  for (const std::string& text : texts) {
    INFO("missing: " << text);
    const auto it = std::find_if(found.begin(), found.end(), [&text](const std::string& line) {
      return line.find(text) != std::string::npos;
    });
    REQUIRE(it != found.end());
    found.erase(it);
  }
  REQUIRE(Lines(found).empty());
}

}  // namespace seatsaga::simulation
