#include "tests/simulation/wishes.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/reservation.h"
#include "common/errors.h"
#include "tests/simulation/halls.h"
#include "tests/simulation/observed.h"

namespace seatsaga::simulation {
namespace {

using namespace reservation::v1;  // the API's words

constexpr absl::Duration kSoon = absl::Seconds(12);

}  // namespace

void Wishes::Plan(const Shown& shown) {
  if (!planned_.insert(shown.reservation_id).second) return;
  const std::string& id = shown.reservation_id;
  // Now and then it is of no use, because it was paid for at once.
  const bool holds = shown.hold || dice_.Chance(0.03);
  if (holds && dice_.Chance(0.85)) PlanPayment(id);
  if (holds && dice_.Chance(0.1)) PlanPayment(id);  // somebody else of the family
  if (holds && dice_.Chance(0.25)) PlanExtension(id);
  if (dice_.Chance(0.15)) PlanCancellation(id, Soon());
  if (dice_.Chance(0.04)) PlanCancellation(id, Soon());
  if (dice_.Chance(0.25)) PlanSwap(shown);
  if (dice_.Chance(0.05)) PlanSwap(shown);  // somebody else of the family
}

absl::Duration Wishes::Soon() { return dice_.Between(absl::ZeroDuration(), kSoon); }

Wishes::Customer& Wishes::NewCustomer(Wish::Kind kind, const std::string& id,
                                      absl::Duration after) {
  customers_.push_back(std::make_unique<Customer>());
  Customer& customer = *customers_.back();
  customer.wish.kind = kind;
  customer.wish.reservation_id = id;
  customer.tries_left = static_cast<int>(dice_.Between(1, 6));
  stage_.In(after, [this, &customer] { Ask(customer); });
  return customer;
}

std::string Wishes::AnyCard(const Customer& customer) {
  const int64_t luck = dice_.Between(0, 99);
  if (customer.stubborn || luck < 25) return "tok_declines";
  return luck < 94 ? "tok_approves" : "tok_no_refund";
}

void Wishes::PlanPayment(const std::string& id) {
  Customer& customer = NewCustomer(Wish::Kind::kPay, id, Soon());
  customer.stubborn = dice_.Chance(0.1);
  customer.cards_left = static_cast<int>(customer.stubborn ? 8 : dice_.Between(0, 3));
  customer.wish.request_id = stage_.NewId();
  customer.wish.card = AnyCard(customer);
}

void Wishes::PlanExtension(const std::string& id) { NewCustomer(Wish::Kind::kExtend, id, Soon()); }

void Wishes::PlanCancellation(const std::string& id, absl::Duration after) {
  Customer& customer = NewCustomer(Wish::Kind::kCancel, id, after);
  customer.wish.request_id = stage_.NewId();
  customer.wish.only_validates = dice_.Chance(0.2);
}

void Wishes::PlanSwap(const Shown& shown) {
  const absl::Duration after = Soon();
  Customer& customer = NewCustomer(Wish::Kind::kExchange, shown.reservation_id, after);
  customer.swaps_left = static_cast<int>(dice_.Between(0, 2));
  customer.tries_left += 3;  // it may not be CONFIRMED yet
  ChooseSwap(customer, shown.seats);
  // At once, or soon afterwards.
  if (dice_.Chance(0.2)) {
    PlanCancellation(shown.reservation_id,
                     after + dice_.Between(absl::ZeroDuration(), absl::Seconds(4)));
  }
}

void Wishes::ChooseSwap(Customer& customer, const std::vector<std::string>& seats) {
  Wish& wish = customer.wish;
  wish.request_id = stage_.NewId();
  wish.only_validates = dice_.Chance(0.12);
  wish.swap = {};
  for (const std::string& seat : seats) {
    if (dice_.Chance(0.5)) wish.swap.give_back.push_back(seat);
  }
  if (wish.swap.give_back.empty()) wish.swap.give_back.push_back(dice_.OneOf(seats));
  if (dice_.Chance(0.03)) wish.swap.give_back = {SeatName(dice_.Between(0, kSeatsPerHall - 1))};
  const bool all = wish.swap.give_back.size() == seats.size();
  wish.kind = dice_.Chance(all ? 0.05 : 0.5) ? Wish::Kind::kGiveBack : Wish::Kind::kExchange;
  wish.card.clear();
  if (wish.kind == Wish::Kind::kGiveBack) return;
  for (int64_t i = dice_.Between(1, 2); i > 0; --i) {
    const std::string seat = SeatName(dice_.Between(0, kSeatsPerHall - 1));
    const auto has = [&](const std::vector<std::string>& some) {
      return std::find(some.begin(), some.end(), seat) != some.end();
    };
    // Of its own seats it is hardly ever one.
    if (has(wish.swap.take) || (has(seats) && !dice_.Chance(0.05))) continue;
    wish.swap.take.push_back(seat);
  }
  if (wish.swap.take.empty() || dice_.Chance(0.03)) wish.swap.take = {"stalls/A/99"};
  wish.card = CardForSwap();
}

std::string Wishes::CardForSwap() {
  const int64_t luck = dice_.Between(0, 99);
  if (luck < 20) return "";
  return luck < 75 ? "tok_approves" : luck < 92 ? "tok_declines" : "tok_no_refund";
}

void Wishes::Ask(Customer& customer) {
  --customer.tries_left;
  customer.wish.sent = stage_.NextMoment();
  customer.wish.sent_ms = absl::ToInt64Milliseconds(stage_.since_begin());
  const size_t at = history_.wishes.size();
  history_.wishes.push_back(customer.wish);
  const Wish& wish = customer.wish;
  switch (wish.kind) {
    case Wish::Kind::kPay: {
      PayReservationRequest request;
      request.set_request_id(wish.request_id);
      request.set_payment_token(wish.card);
      request.mutable_wait()->set_seconds(dice_.Between(0, 5));
      return Send(customer, at, reservation::kPayReservation, std::move(request));
    }
    case Wish::Kind::kExtend: {
      ExtendHoldRequest request;
      request.mutable_hold_duration()->set_seconds(dice_.Between(1, 40));
      return Send(customer, at, reservation::kExtendHold, std::move(request));
    }
    case Wish::Kind::kCancel: {
      CancelReservationRequest request;
      request.set_request_id(wish.request_id);
      request.set_validate_only(wish.only_validates);
      request.mutable_wait()->set_seconds(dice_.Between(0, 5));
      return Send(customer, at, reservation::kCancelReservation, std::move(request));
    }
    case Wish::Kind::kGiveBack: {
      CancelReservationRequest request;
      request.set_request_id(wish.request_id);
      request.set_validate_only(wish.only_validates);
      request.mutable_wait()->set_seconds(dice_.Between(0, 5));
      request.mutable_seat_ids()->Assign(wish.swap.give_back.begin(), wish.swap.give_back.end());
      return Send(customer, at, reservation::kCancelReservation, std::move(request));
    }
    case Wish::Kind::kExchange: {
      ExchangeSeatsRequest request;
      request.set_request_id(wish.request_id);
      request.set_validate_only(wish.only_validates);
      request.mutable_wait()->set_seconds(dice_.Between(0, 5));
      const Swap& swap = wish.swap;
      request.mutable_give_back_seat_ids()->Assign(swap.give_back.begin(), swap.give_back.end());
      for (const std::string& seat_id : swap.take) request.add_items()->set_seat(seat_id);
      request.set_payment_token(wish.card);
      return Send(customer, at, reservation::kExchangeSeats, std::move(request));
    }
  }
}

template <class Method>
void Wishes::Send(Customer& customer, size_t at, const Method& method,
                  typename Method::Request request) {
  request.set_reservation_id(customer.wish.reservation_id);
  stage_.Ask(
      kReservations, method, request,
      {.deadline = dice_.Between(absl::Milliseconds(100), absl::Seconds(8)), .from = "customers"},
      [this, &customer, at](const auto& answer) {
        if (answer.ok()) {
          Hear(customer, at, answer->reservation());
        } else {
          Hear(customer, at, answer.status());
        }
      });
}

void Wishes::Hear(Customer& customer, size_t at, const absl::StatusOr<Reservation>& answer) {
  Wish& wish = history_.wishes[at];
  wish.ended = stage_.NextMoment();
  // The same request may arrive once more, and be obeyed then.
  const bool again = !answer.ok() && dice_.rates().Of(Fault::kDuplicate) > 0;
  wish.heard = again ? Heard::kNothing : HeardOf(answer.status());
  if (answer.ok()) {
    wish.shown = ShownOf(*answer);
  } else {
    wish.error = ReasonOf(answer.status());
  }
  stage_.Trace(absl::StrCat(wish.reservation_id, " a wish heard ",
                            answer.ok() ? answer->ShortDebugString() : Said(answer.status())));
  Continue(customer, wish);
}

void Wishes::Continue(Customer& customer, const Wish& heard) {
  const bool declined = heard.kind == Wish::Kind::kPay && heard.shown.has_value() &&
                        heard.shown->status == Status::kHeld;
  if (declined && customer.cards_left > 0) {
    --customer.cards_left;
    ++customer.tries_left;
    customer.wish.request_id = stage_.NewId();
    customer.wish.card = AnyCard(customer);
  } else if (SwapsAgain(customer, heard)) {
    // As chosen.
  } else if (heard.only_validates && heard.heard == Heard::kAnswer && dice_.Chance(0.5)) {
    customer.wish.only_validates = false;
  } else if (customer.tries_left <= 0 || (heard.heard != Heard::kNothing &&
                                          heard.error != "NOT_CONFIRMED" && dice_.Chance(0.7))) {
    return;
  }
  stage_.In(dice_.Between(absl::Milliseconds(1), absl::Seconds(3)),
            [this, &customer] { Ask(customer); });
}

bool Wishes::SwapsAgain(Customer& customer, const Wish& heard) {
  const bool swaps = heard.kind == Wish::Kind::kGiveBack || heard.kind == Wish::Kind::kExchange;
  const bool done =
      !heard.only_validates && heard.shown.has_value() && heard.shown->status == Status::kConfirmed;
  if (!swaps || !done || customer.swaps_left <= 0) return false;
  --customer.swaps_left;
  customer.tries_left += 2;
  ChooseSwap(customer, heard.shown->seats);
  return true;
}

}  // namespace seatsaga::simulation
