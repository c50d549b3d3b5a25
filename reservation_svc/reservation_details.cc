#include "reservation_svc/reservation_details.h"

#include <memory>
#include <utility>

#include "reservation_svc/reservation_details.pb.h"

namespace seatsaga::reservation {

namespace {

std::string Bytes(const Id& id) { return std::string(id.bytes()); }
// Of bytes that this service wrote.
Id ToId(const std::string& bytes) { return Id::FromBytes(bytes).value_or(Id()); }

std::shared_ptr<const SeatChanges> FromStored(const store::StoredChanges& stored) {
  auto changes = std::make_shared<SeatChanges>();
  changes->count = stored.count();
  changes->saga_id = ToId(stored.saga_id());
  changes->exchanged = stored.exchanged();
  for (const store::StoredPayment& payment : stored.payments()) {
    changes->payments.push_back(
        {ToId(payment.id()), payment.amount_minor(), payment.refunded_minor()});
  }
  if (stored.has_under_way()) {
    const store::StoredChange& change = stored.under_way();
    changes->under_way = std::make_shared<const SeatChange>(
        SeatChange{.saga_id = ToId(change.saga_id()),
                   .give_back = {change.give_back().begin(), change.give_back().end()},
                   .take = {change.take().begin(), change.take().end()},
                   .give_back_minor = change.give_back_minor(),
                   .refund_percent = change.refund_percent()});
  }
  return changes;
}

void ToStored(const SeatChanges& changes, store::StoredChanges& stored) {
  stored.set_count(changes.count);
  stored.set_saga_id(Bytes(changes.saga_id));
  stored.set_exchanged(changes.exchanged);
  for (const PaidPayment& payment : changes.payments) {
    store::StoredPayment& added = *stored.add_payments();
    added.set_id(Bytes(payment.id));
    added.set_amount_minor(payment.amount_minor);
    added.set_refunded_minor(payment.refunded_minor);
  }
  if (changes.under_way == nullptr) return;
  store::StoredChange& change = *stored.mutable_under_way();
  change.set_saga_id(Bytes(changes.under_way->saga_id));
  const auto& [saga_id, give_back, take, give_back_minor, refund_percent] = *changes.under_way;
  change.mutable_give_back()->Assign(give_back.begin(), give_back.end());
  change.mutable_take()->Assign(take.begin(), take.end());
  change.set_give_back_minor(give_back_minor);
  change.set_refund_percent(refund_percent);
}

bool HasDetails(const Reservation& reservation) {
  return reservation.mode != Mode::kPayNow || !reservation.terms.empty() ||
         reservation.has_refund || !reservation.seat_prices.empty() ||
         reservation.changes != nullptr || reservation.marks != nullptr;
}

}  // namespace

Reservation FromRow(ReservationRow row) {
  Reservation reservation{std::move(row)};
  if (reservation.details.empty()) return reservation;
  store::StoredDetails stored;
  stored.ParseFromString(reservation.details);
  if (stored.hold()) reservation.mode = Mode::kHold;
  reservation.expire_time = absl::FromUnixMicros(stored.expire_us());
  reservation.hold_round = stored.hold_round();
  reservation.failure_reason = std::move(*stored.mutable_failure_reason());
  reservation.failure_message = std::move(*stored.mutable_failure_message());
  if (stored.has_terms()) reservation.terms = stored.terms().SerializeAsString();
  reservation.has_refund = stored.has_refund_minor();
  reservation.refund_minor = stored.refund_minor();
  reservation.seat_prices.assign(stored.seat_prices().begin(), stored.seat_prices().end());
  if (stored.has_changes()) reservation.changes = FromStored(stored.changes());
  if (!stored.labels().empty() || !stored.external_ref().empty()) {
    reservation.marks = std::make_shared<const Marks>(
        Marks{std::move(*stored.mutable_external_ref()), std::move(*stored.mutable_labels())});
  }
  return reservation;
}

std::string LabelsIn(std::string_view details) {
  store::StoredDetails stored;
  stored.ParseFromArray(details.data(), static_cast<int>(details.size()));
  return std::move(*stored.mutable_labels());
}

void PackDetails(Reservation& reservation) {
  if (!HasDetails(reservation)) return;  // there are none, and never were
  store::StoredDetails stored;
  stored.set_hold(reservation.mode == Mode::kHold);
  stored.set_expire_us(absl::ToUnixMicros(reservation.expire_time));
  stored.set_hold_round(reservation.hold_round);
  stored.set_failure_reason(reservation.failure_reason);
  stored.set_failure_message(reservation.failure_message);
  if (!reservation.terms.empty()) stored.mutable_terms()->ParseFromString(reservation.terms);
  if (reservation.has_refund) stored.set_refund_minor(reservation.refund_minor);
  stored.mutable_seat_prices()->Assign(reservation.seat_prices.begin(),
                                       reservation.seat_prices.end());
  if (reservation.changes != nullptr) ToStored(*reservation.changes, *stored.mutable_changes());
  if (reservation.marks != nullptr) {
    stored.set_labels(reservation.marks->labels);
    stored.set_external_ref(reservation.marks->external_ref);
  }
  reservation.details = stored.SerializeAsString();
}

}  // namespace seatsaga::reservation
