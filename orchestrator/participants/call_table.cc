#include "orchestrator/participants/call_table.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <string>
#include <string_view>
#include <vector>

#include "common/time_proto.h"
#include "orchestrator/sagas/saga_types.h"
#include "seatsaga/payment/v1/payment.pb.h"
#include "seatsaga/reservation/v1/reservation.pb.h"
#include "seatsaga/seat/v1/seat.pb.h"

namespace seatsaga::participants {
namespace {

using payment::v1::PaymentCommand;
using reservation::v1::ReservationCommand;
using sagas::Call;
using seat::v1::SeatCommand;

// --- What is each call's own

// A participant that did not answer is the operator's business: addresses and transport errors stay
// in the saga's history, and the customer is told what it means.
constexpr std::string_view kUnknownForCustomers =
    "a service did not answer in time; nothing is held and nothing is charged: try again";

constexpr std::string_view kUnknownForChanges =
    "a service did not answer in time; the reservation is as it was: try again";

const orchestrator::v1::ReservationData& DataOf(const CallRequest& call) {
  return call.data->reservation();
}

template <class Body>
void OnlyTheKey(const CallRequest& /*call*/, Body& /*body*/) {}

void Reserve(const CallRequest& call, seat::v1::ReserveSeatsRequest& body) {
  body.set_event_id(DataOf(call).event_id());
  *body.mutable_seat_ids() = DataOf(call).seat_ids();
}

void Charge(const CallRequest& call, payment::v1::ChargePaymentRequest& body) {
  *body.mutable_amount() = DataOf(call).price();
  body.set_sealed_payment_token(DataOf(call).sealed_payment_token());
}

template <class Body>
void SetPrice(const CallRequest& call, Body& body) {
  *body.mutable_price() = DataOf(call).price();
  *body.mutable_seat_prices_minor() = DataOf(call).seat_prices_minor();
  if (DataOf(call).has_terms()) *body.mutable_terms() = DataOf(call).terms();
}

// The first round waits for its first payment; each further one tells why the payment before was
// refused.
void Hold(const CallRequest& call, reservation::v1::HoldReservation& body) {
  SetPrice(call, body);
  if (!call.hold.has_value()) return;  // only a saga that holds comes here
  *body.mutable_expire_time() = ToProto(call.hold->expiry);
  if (call.hold->setback_reason.empty()) return;
  body.mutable_payment_failure()->set_reason(call.hold->setback_reason);
  body.mutable_payment_failure()->set_message(call.hold->setback_message);
}

void Confirm(const CallRequest& call, reservation::v1::ConfirmReservation& body) {
  SetPrice(call, body);
}

void Refund(const CallRequest& call, payment::v1::RefundPaymentRequest& body) {
  if (!DataOf(call).has_refund()) return;
  payment::v1::Refunds& refunds = *body.mutable_refunds();
  if (DataOf(call).refund().amount_minor() == 0) return;
  saga::v1::PaymentPart& all = *refunds.add_refunds();
  all.set_payment_id(call.saga_id.ToString());
  *all.mutable_amount() = DataOf(call).refund();
}

void SetReason(const CallRequest& call, std::string_view if_unknown,
               reservation::v1::CancelReservation& body) {
  body.set_reason(call.reason);
  body.set_message(call.reason == core::kOutcomeUnknown ? std::string(if_unknown) : call.message);
}

void Cancel(const CallRequest& call, reservation::v1::CancelReservation& body) {
  SetReason(call, kUnknownForCustomers, body);
}

// --- Of changes

template <class Body>
const orchestrator::v1::ChangeData& SetReservation(const CallRequest& call, Body& body) {
  const auto& change = sagas::change::Of(*call.data);
  body.set_reservation_id(change.reservation_id());
  return change;
}

void ReserveNew(const CallRequest& call, seat::v1::ReserveSeatsRequest& body) {
  const auto& change = SetReservation(call, body);
  body.set_event_id(change.event_id());
  *body.mutable_seat_ids() = change.seat_ids();
}

void ReleaseNew(const CallRequest& call, seat::v1::ReleaseSeatsRequest& body) {
  body.set_all_seats(sagas::change::IsCancelled(SetReservation(call, body)));
}

void GiveBack(const CallRequest& call, seat::v1::GiveBackSeats& body) {
  const auto& change = SetReservation(call, body);
  body.set_event_id(change.event_id());
  *body.mutable_seat_ids() = change.give_back_seat_ids();
}

void ChargeDifference(const CallRequest& call, payment::v1::ChargePaymentRequest& body) {
  const auto& change = SetReservation(call, body);
  *body.mutable_amount() = sagas::change::ToCharge(change);
  body.set_sealed_payment_token(change.sealed_payment_token());
}

void Assign(const std::vector<saga::v1::PaymentPart>& parts, payment::v1::Refunds& refunds) {
  refunds.mutable_refunds()->Assign(parts.begin(), parts.end());
}

void RefundDifference(const CallRequest& call, payment::v1::RefundPaymentRequest& body) {
  const auto& change = SetReservation(call, body);
  if (!sagas::change::IsCancelled(change)) return;
  Assign(sagas::change::CancellationRefunds(change, call.saga_id.ToString()),
         *body.mutable_refunds());
}

void PayBack(const CallRequest& call, payment::v1::PayBackPayment& body) {
  Assign(sagas::change::ToPayBack(SetReservation(call, body)), *body.mutable_refunds());
}

void ConfirmChange(const CallRequest& call, reservation::v1::ConfirmChange& body) {
  const auto& change = SetReservation(call, body);
  if (change.has_price()) *body.mutable_price() = change.price();
  *body.mutable_seat_prices_minor() = change.seat_prices_minor();
  const saga::v1::Money charged = sagas::change::ToCharge(change);
  if (charged.amount_minor() > 0) *body.mutable_charged() = charged;
  const auto paid_back = sagas::change::ToPayBack(change);
  body.mutable_refunds()->Assign(paid_back.begin(), paid_back.end());
}

void UndoChange(const CallRequest& call, reservation::v1::CancelReservation& body) {
  SetReservation(call, body);
  SetReason(call, kUnknownForChanges, body);
}

// --- The table

// A participant's commands are of one type: so a row's arm says whom it is for.
template <class Command>
struct IsFor;
template <>
struct IsFor<SeatCommand> {
  static constexpr auto kWho = Participant::kSeats;
};
template <>
struct IsFor<PaymentCommand> {
  static constexpr auto kWho = Participant::kPayments;
};
template <>
struct IsFor<ReservationCommand> {
  static constexpr auto kWho = Participant::kReservations;
};

template <class Arm>
struct ArmTypes;
template <class CommandT, class BodyT>
struct ArmTypes<BodyT* (CommandT::*)()> {
  using Command = CommandT;
  using Body = BodyT;
};

void SetKey(const CallRequest& call, const participant::Token& token, saga::v1::CommandKey& key) {
  key.set_saga_id(call.saga_id.ToString());
  key.set_step(std::string(call.step_name));
  key.set_round(call.command.round);
  key.set_fencing_epoch(token.epoch);
  key.set_fencing_holder(std::string(token.holder.bytes()));
}

template <auto kArm, auto kFill>
constexpr CallRow Row(Call call) {
  using Types = ArmTypes<decltype(kArm)>;
  return {call, IsFor<typename Types::Command>::kWho,
          [](const CallRequest& request, const participant::Token& token,
             google::protobuf::Message& command) {
            typename Types::Body& body = *(static_cast<typename Types::Command&>(command).*kArm)();
            SetKey(request, token, *body.mutable_key());
            kFill(request, body);
          }};
}
template <auto kArm>
constexpr CallRow Row(Call call) {
  return Row<kArm, &OnlyTheKey<typename ArmTypes<decltype(kArm)>::Body>>(call);
}

constexpr std::array kTable{
    Row<&SeatCommand::mutable_reserve_seats, &Reserve>(Call::kReserveSeats),
    Row<&SeatCommand::mutable_release_seats>(Call::kReleaseSeats),
    Row<&PaymentCommand::mutable_charge_payment, &Charge>(Call::kChargePayment),
    Row<&PaymentCommand::mutable_probe_payment>(Call::kProbePayment),
    Row<&PaymentCommand::mutable_refund_payment, &Refund>(Call::kRefundPayment),
    Row<&ReservationCommand::mutable_hold_reservation, &Hold>(Call::kHoldReservation),
    Row<&ReservationCommand::mutable_confirm_reservation, &Confirm>(Call::kConfirmReservation),
    Row<&ReservationCommand::mutable_cancel_reservation, &Cancel>(Call::kCancelReservation),
    Row<&SeatCommand::mutable_reserve_seats, &ReserveNew>(Call::kReserveNewSeats),
    Row<&SeatCommand::mutable_release_seats, &ReleaseNew>(Call::kReleaseNewSeats),
    Row<&SeatCommand::mutable_give_back_seats, &GiveBack>(Call::kGiveBackSeats),
    Row<&PaymentCommand::mutable_charge_payment, &ChargeDifference>(Call::kChargeDifference),
    Row<&PaymentCommand::mutable_refund_payment, &RefundDifference>(Call::kRefundDifference),
    Row<&PaymentCommand::mutable_pay_back_payment, &PayBack>(Call::kPayBackDifference),
    Row<&ReservationCommand::mutable_confirm_change, &ConfirmChange>(Call::kConfirmChange),
    Row<&ReservationCommand::mutable_cancel_reservation, &UndoChange>(Call::kUndoChange),
};

constexpr bool HasOneRow(core::CallId call) {
  return call.IsNone() || std::count_if(kTable.begin(), kTable.end(), [&](const CallRow& row) {
                            return row.call == call.As<Call>();
                          }) == 1;
}
constexpr bool EveryCallHasOneRow() {
  for (const sagas::SagaType* type : sagas::kSagaTypes) {
    for (const core::Definition& definition : type->versions) {
      for (const core::Step& step : definition.steps) {
        if (!HasOneRow(step.action) || !HasOneRow(step.probe) || !HasOneRow(step.compensation)) {
          return false;
        }
      }
    }
  }
  return true;
}
static_assert(EveryCallHasOneRow());

}  // namespace

std::span<const CallRow> CallTable() { return kTable; }

const CallRow& RowOf(core::CallId call) {
  const auto* const row = std::find_if(kTable.begin(), kTable.end(), [&](const CallRow& one) {
    return one.call == call.As<Call>();
  });
  assert(row != kTable.end());
  return *row;
}

}  // namespace seatsaga::participants
