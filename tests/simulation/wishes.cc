#include "tests/simulation/wishes.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "api/reservation.h"
#include "common/errors.h"
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
  if (dice_.Chance(0.15)) PlanCancellation(id);
  if (dice_.Chance(0.04)) PlanCancellation(id);
}

Wishes::Customer& Wishes::NewCustomer(Wish::Kind kind, const std::string& id) {
  customers_.push_back(std::make_unique<Customer>());
  Customer& customer = *customers_.back();
  customer.wish.kind = kind;
  customer.wish.reservation_id = id;
  customer.tries_left = static_cast<int>(dice_.Between(1, 6));
  stage_.In(dice_.Between(absl::ZeroDuration(), kSoon), [this, &customer] { Ask(customer); });
  return customer;
}

std::string Wishes::AnyCard(const Customer& customer) {
  const int64_t luck = dice_.Between(0, 99);
  if (customer.stubborn || luck < 25) return "tok_declines";
  return luck < 94 ? "tok_approves" : "tok_no_refund";
}

void Wishes::PlanPayment(const std::string& id) {
  Customer& customer = NewCustomer(Wish::Kind::kPay, id);
  customer.stubborn = dice_.Chance(0.1);
  customer.cards_left = static_cast<int>(customer.stubborn ? 8 : dice_.Between(0, 3));
  customer.wish.request_id = stage_.NewId();
  customer.wish.card = AnyCard(customer);
}

void Wishes::PlanExtension(const std::string& id) { NewCustomer(Wish::Kind::kExtend, id); }

void Wishes::PlanCancellation(const std::string& id) {
  Customer& customer = NewCustomer(Wish::Kind::kCancel, id);
  customer.wish.request_id = stage_.NewId();
  customer.wish.only_validates = dice_.Chance(0.2);
}

void Wishes::Ask(Customer& customer) {
  --customer.tries_left;
  customer.wish.sent = stage_.NextMoment();
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
  } else if (heard.only_validates && heard.heard == Heard::kAnswer && dice_.Chance(0.5)) {
    customer.wish.only_validates = false;
  } else if (customer.tries_left <= 0 || (heard.heard != Heard::kNothing && dice_.Chance(0.7))) {
    return;
  }
  stage_.In(dice_.Between(absl::Milliseconds(1), absl::Seconds(3)),
            [this, &customer] { Ask(customer); });
}

}  // namespace seatsaga::simulation
