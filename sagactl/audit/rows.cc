#include "sagactl/audit/rows.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "common/printable.h"
#include "common/text.h"
#include "common/time_proto.h"
#include "sagactl/format.h"

namespace seatsaga::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::string_view kOrchestrator = "orchestrator";
constexpr std::string_view kReservationSvc = "reservation_svc";
constexpr std::string_view kPaymentSvc = "payment_svc";

Amount AmountOf(const saga::v1::Money& money) { return {money.amount_minor(), money.currency()}; }

// What a saga's data says, whichever kind it is. Fields that the kind does not have are empty.
class SagaFields {
 public:
  explicit SagaFields(const orchestrator::v1::SagaData& data) {
    const FieldDescriptor* kind =
        data.GetReflection()->GetOneofFieldDescriptor(data, data.GetDescriptor()->oneof_decl(0));
    if (kind != nullptr) known_ = &data.GetReflection()->GetMessage(data, kind);
  }

  std::string Text(const char* name) const {
    const FieldDescriptor* field = Find(name);
    return field == nullptr ? "" : known_->GetReflection()->GetString(*known_, field);
  }
  void AddTexts(const char* name, std::vector<std::string>& texts) const {
    const FieldDescriptor* field = Find(name);
    if (field == nullptr) return;
    for (int i = 0; i < known_->GetReflection()->FieldSize(*known_, field); ++i) {
      texts.push_back(known_->GetReflection()->GetRepeatedString(*known_, field, i));
    }
  }

 private:
  const FieldDescriptor* Find(const char* name) const {
    return known_ == nullptr ? nullptr : known_->GetDescriptor()->FindFieldByName(name);
  }

  const Message* known_ = nullptr;  // null: this release does not know the kind
};

// Reads ids until one is none, and keeps that error.
class Ids {
 public:
  explicit Ids(std::string_view service) : service_(service) {}

  void Read(const std::string& text, Id& id) {
    auto read = ReadId(text, service_);
    if (read.ok()) id = *read;
    if (status_.ok()) status_ = read.status();
  }
  const absl::Status& status() const { return status_; }

 private:
  std::string_view service_;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<SagaRow> RowOf(const orchestrator::v1::Saga& saga) {
  const SagaFields fields(saga.data());
  SagaRow row{.state = saga.state(),
              .step = saga.step(),
              .reason = saga.reason(),
              .next_action = saga.next_action(),
              .needs_attention = saga.needs_attention(),
              .due_time = std::nullopt,
              .create_time = FromProto(saga.create_time()),
              .update_time = FromProto(saga.update_time())};
  if (saga.has_due_time()) row.due_time = FromProto(saga.due_time());
  // A reservation's first saga has its id, and does not say so.
  const std::string reservation_id = fields.Text("reservation_id");
  const std::string follows = fields.Text("follows_saga_id");
  Ids ids(kOrchestrator);
  ids.Read(reservation_id.empty() ? saga.saga_id() : reservation_id, row.reservation_id);
  if (!follows.empty()) ids.Read(follows, row.follows);
  if (!ids.status().ok()) return ids.status();
  if (!IsTerminal(saga.state())) {
    fields.AddTexts("seat_ids", row.seat_ids);
    fields.AddTexts("give_back_seat_ids", row.seat_ids);
  }
  return row;
}

absl::StatusOr<ReservationRow> RowOf(const reservation::v1::Reservation& reservation) {
  ReservationRow row{.state = reservation.state(),
                     .event_id = reservation.event_id(),
                     .seat_ids = {reservation.seat_ids().begin(), reservation.seat_ids().end()},
                     .price = AmountOf(reservation.price()),
                     .create_time = FromProto(reservation.create_time()),
                     .update_time = FromProto(reservation.update_time()),
                     .refund = std::nullopt,
                     .change = std::nullopt,
                     .seat_prices = {reservation.seat_prices_minor().begin(),
                                     reservation.seat_prices_minor().end()}};
  if (reservation.has_refund()) row.refund = AmountOf(reservation.refund());
  Ids ids(kReservationSvc);
  ids.Read(reservation.saga_id(), row.saga_id);
  if (reservation.has_change()) {
    const auto& seat_ids = reservation.change().seat_ids();
    row.change = ChangeRow{.seat_ids = {seat_ids.begin(), seat_ids.end()}};
    ids.Read(reservation.change().saga_id(), row.change->saga_id);
  }
  for (int i = 0; i < reservation.payments_size(); ++i) {
    const auto& payment = reservation.payments(i);
    PaidRow& paid = row.payments.emplace_back();
    paid.amount = AmountOf(payment.amount());
    paid.refunded_minor = payment.refunded().amount_minor();
    ids.Read(payment.payment_id(), paid.id);
  }
  if (!ids.status().ok()) return ids.status();
  return row;
}

absl::StatusOr<PaymentRow> RowOf(const payment::v1::Payment& payment) {
  const auto reservation_id = ReadId(payment.reservation_id(), kPaymentSvc);
  if (!reservation_id.ok()) return reservation_id.status();
  return PaymentRow{.reservation_id = *reservation_id,
                    .state = payment.state(),
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
