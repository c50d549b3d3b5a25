#include "sagactl/audit/rows.h"

#include "common/printable.h"
#include "common/text.h"
#include "common/time_proto.h"
#include "sagactl/format.h"

namespace seatsaga::cli {
namespace {

Amount AmountOf(const saga::v1::Money& money) { return {money.amount_minor(), money.currency()}; }

}  // namespace

SagaRow RowOf(const orchestrator::v1::Saga& saga) {
  SagaRow row{.state = saga.state(),
              .step = saga.step(),
              .reason = saga.reason(),
              .next_action = saga.next_action(),
              .needs_attention = saga.needs_attention(),
              .due_time = std::nullopt,
              .create_time = FromProto(saga.create_time()),
              .update_time = FromProto(saga.update_time())};
  if (saga.has_due_time()) row.due_time = FromProto(saga.due_time());
  return row;
}

ReservationRow RowOf(const reservation::v1::Reservation& reservation) {
  ReservationRow row{.state = reservation.state(),
                     .event_id = reservation.event_id(),
                     .seat_ids = {reservation.seat_ids().begin(), reservation.seat_ids().end()},
                     .price = AmountOf(reservation.price()),
                     .create_time = FromProto(reservation.create_time()),
                     .update_time = FromProto(reservation.update_time()),
                     .refund = std::nullopt};
  if (reservation.has_refund()) row.refund = AmountOf(reservation.refund());
  return row;
}

PaymentRow RowOf(const payment::v1::Payment& payment) {
  return {.state = payment.state(),
          .amount = AmountOf(payment.amount()),
          .refunded_minor = payment.refunded().amount_minor()};
}

absl::StatusOr<SeatRow> RowOf(const seat::v1::Seat& seat) {
  SeatRow row{.seat_id = seat.seat_id(),
              .reserved = seat.state() == seat::v1::SEAT_STATE_RESERVED,
              .holder = std::nullopt,
              .price_minor = seat.price_minor()};
  if (seat.reservation_id().empty()) return row;
  const auto holder = ReadId(seat.reservation_id(), "seat_svc");
  if (!holder.ok()) return holder.status();
  row.holder = *holder;
  return row;
}

Ledger LedgerOf(const payment::v1::GetLedgerResponse& response) {
  Ledger ledger;
  for (const auto& balance : response.balances()) {
    ledger[balance.account()][balance.currency()] += balance.balance_minor();
  }
  return ledger;
}

absl::StatusOr<Id> ReadId(const std::string& text, std::string_view service) {
  auto id = Id::Parse(text);
  if (id.ok()) return id;
  return absl::InternalError(
      AbslView(Cat(service, " sent '", Printable(text), "', which is not an id")));
}

}  // namespace seatsaga::cli
