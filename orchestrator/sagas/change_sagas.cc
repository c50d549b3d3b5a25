#include "orchestrator/sagas/change_sagas.h"

#include <algorithm>
#include <utility>

#include "common/money.h"
#include "common/text.h"
#include "common/validation.h"

namespace seatsaga::sagas::change {
namespace {

using saga::v1::Money;
using saga::v1::PaymentPart;

constexpr int kPaymentsMax = 100;

ChangeData& MutableOf(SagaData& data) {
  return data.has_exchange() ? *data.mutable_exchange() : *data.mutable_partial_cancellation();
}

void CheckPayments(const ChangeData& change, FieldErrors& errors) {
  if (change.payments().empty() || change.payments_size() > kPaymentsMax) {
    errors.Add("payments", Cat("must hold 1 to ", kPaymentsMax, " payments"));
    return;
  }
  for (int i = 0; i < change.payments_size(); ++i) {
    const std::string field = Cat("payments[", i, "]");
    CheckId(Cat(field, ".payment_id"), change.payments(i).payment_id(), errors);
    CheckMoney(Cat(field, ".amount"), change.payments(i).amount(), /*min_minor=*/0, errors);
  }
}

// How much more the new seats cost; negative: less.
int64_t DifferenceMinor(const ChangeData& change) {
  return change.price().amount_minor() - change.give_back_price().amount_minor();
}

// Takes `amount_minor` of the payments, of the newest first. There is always enough: what is left
// of all payments is never less than the price of the seats that they paid for.
std::vector<PaymentPart> Split(int64_t amount_minor, const std::vector<PaymentPart>& payments) {
  std::vector<PaymentPart> parts;
  for (auto payment = payments.rbegin(); payment != payments.rend() && amount_minor > 0;
       ++payment) {
    const int64_t taken = std::min(amount_minor, payment->amount().amount_minor());
    if (taken == 0) continue;
    PaymentPart part = *payment;
    part.mutable_amount()->set_amount_minor(taken);
    parts.push_back(std::move(part));
    amount_minor -= taken;
  }
  return parts;
}

}  // namespace

const ChangeData& Of(const SagaData& data) {
  return data.has_exchange() ? data.exchange() : data.partial_cancellation();
}

bool IsCancelled(const ChangeData& change) { return change.has_cancellation_refund(); }

Money ToCharge(const ChangeData& change) {
  Money charge = change.give_back_price();
  charge.set_amount_minor(std::max<int64_t>(0, DifferenceMinor(change)));
  return charge;
}

std::vector<PaymentPart> ToPayBack(const ChangeData& change) {
  const int64_t cheaper_by = std::max<int64_t>(0, -DifferenceMinor(change));
  return Split(PercentOf(cheaper_by, change.refund_percent()),
               {change.payments().begin(), change.payments().end()});
}

std::vector<PaymentPart> CancellationRefunds(const ChangeData& change, std::string_view saga_id) {
  std::vector<PaymentPart> left(change.payments().begin(), change.payments().end());
  for (const PaymentPart& paid_back : ToPayBack(change)) {
    for (PaymentPart& payment : left) {
      if (payment.payment_id() != paid_back.payment_id()) continue;
      Money& amount = *payment.mutable_amount();
      amount.set_amount_minor(amount.amount_minor() - paid_back.amount().amount_minor());
    }
  }
  PaymentPart own;
  own.set_payment_id(std::string(saga_id));
  *own.mutable_amount() = ToCharge(change);
  left.push_back(std::move(own));
  return Split(change.cancellation_refund().amount_minor(), left);
}

void Accept(SagaData& data, const std::string& path, FieldErrors& errors) {
  ChangeData& change = MutableOf(data);
  FieldErrors found;
  CheckId("reservation_id", change.reservation_id(), found);
  CheckId("follows_saga_id", change.follows_saga_id(), found);
  CheckEventId("event_id", change.event_id(), found);
  CheckSeatIds("give_back_seat_ids", change.give_back_seat_ids(), found);
  CheckMoney("give_back_price", change.give_back_price(), /*min_minor=*/0, found);
  if (change.refund_percent() < 0 || change.refund_percent() > 100) {
    found.Add("refund_percent", "must be 0 to 100");
  }
  CheckPayments(change, found);
  if (data.has_exchange()) {
    CheckSeatIds("seat_ids", change.seat_ids(), found);
  } else if (!change.seat_ids().empty()) {
    found.Add("seat_ids", "must be empty: a partial cancellation takes no seats");
  }
  if (!change.kept_seat_ids().empty()) {
    CheckSeatIds("kept_seat_ids", change.kept_seat_ids(), found);
  }
  if (change.sealed_payment_token().size() > kSealedTokenMax) {
    found.Add("sealed_payment_token", Cat("must be at most ", kSealedTokenMax, " bytes"));
  }
  errors.AddBelow(path, found);
  ForgetAdded(data);
}

Id Follows(const SagaData& data) { return Id::Parse(Of(data).follows_saga_id()).value_or(Id()); }

int NeedsVersion(const SagaData& /*data*/) { return 1; }

std::optional<absl::Duration> HoldsFor(const SagaData& /*data*/) { return std::nullopt; }

void AcceptSignal(SignalKind kind, const SagaData& data, const std::string& path,
                  FieldErrors& errors) {
  if (kind == SignalKind::kResume) return errors.Add(path, "a change of seats waits for nothing");
  ChangeData expected;
  *expected.mutable_cancellation_refund() = Of(data).cancellation_refund();
  FieldErrors found;
  CheckMoney("cancellation_refund", Of(data).cancellation_refund(), /*min_minor=*/0, found);
  errors.AddBelow(path, found);
  if (Of(data).SerializeAsString() != expected.SerializeAsString()) {
    errors.Add(path, "may only hold cancellation_refund");
  }
}

std::optional<SagaData> Learn(const SagaData& data, core::CallId action,
                              const saga::v1::ActionResult& result) {
  if (action != Call::kReserveNewSeats || Of(data).has_price() || !result.has_amount()) {
    return std::nullopt;
  }
  SagaData priced;
  *priced.mutable_exchange()->mutable_price() = result.amount();
  *priced.mutable_exchange()->mutable_seat_prices_minor() = result.seat_prices_minor();
  return priced;
}

void EraseToken(SagaData& data) { MutableOf(data).clear_sealed_payment_token(); }

void ForgetAdded(SagaData& data) {
  ChangeData& change = MutableOf(data);
  change.clear_price();
  change.clear_seat_prices_minor();
  change.clear_cancellation_refund();
}

void Tell(const Happened& happened, orchestrator::v1::DomainEventData& told) {
  const ChangeData& change = Of(happened.data);
  told.set_reservation_id(change.reservation_id());
  told.set_event_id(change.event_id());
  if (happened.what == DomainEvent::kReservationChanged) {
    *told.mutable_given_back_seat_ids() = change.give_back_seat_ids();
  }
  if (happened.done != nullptr && !happened.done->seat_ids().empty()) {
    *told.mutable_seat_ids() = happened.done->seat_ids();
  } else {
    *told.mutable_seat_ids() = change.seat_ids();
    if (happened.completed_before) told.mutable_seat_ids()->MergeFrom(change.kept_seat_ids());
  }
  if (change.has_price()) *told.mutable_price() = change.price();
  TellOfMoney(happened, told);
}

}  // namespace seatsaga::sagas::change
