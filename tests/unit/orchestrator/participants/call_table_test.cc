// What goes to the participants: one row per call, and what each command says.
#include "orchestrator/participants/call_table.h"

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "orchestrator/sagas/reservation_saga.h"
#include "seatsaga/payment/v1/payment.pb.h"
#include "seatsaga/reservation/v1/reservation.pb.h"
#include "seatsaga/seat/v1/seat.pb.h"

namespace seatsaga::participants {
namespace {

using google::protobuf::Message;
using sagas::Call;

const participant::Token kToken{7, *Id::FromBytes("holder6789abcdef")};

CallRequest RequestOf(Call call) {
  CallRequest request;
  request.saga_id = *Id::FromBytes("saga0123456789ab");
  request.command.call = call;
  request.command.step = 3;
  request.command.round = 2;
  request.step_name = "some_step";
  auto data = std::make_shared<orchestrator::v1::SagaData>();
  auto& reservation = *data->mutable_reservation();
  reservation.set_user_id("ada");
  reservation.set_event_id("hamlet");
  reservation.add_seat_ids("stalls/A/1");
  reservation.add_seat_ids("stalls/A/2");
  reservation.set_sealed_payment_token(std::string("\0sealed\xff", 8));
  reservation.mutable_price()->set_amount_minor(4500);
  reservation.mutable_price()->set_currency("EUR");
  request.data = data;
  request.reason = "PAYMENT_DECLINED";
  request.message = "the card was declined";
  return request;
}

const Message& CommandOf(Participant participant) {
  switch (participant) {
    case Participant::kSeats:
      return seat::v1::SeatCommand::default_instance();
    case Participant::kPayments:
      return payment::v1::PaymentCommand::default_instance();
    case Participant::kReservations:
      break;
  }
  return reservation::v1::ReservationCommand::default_instance();
}

std::unique_ptr<Message> Build(const CallRequest& request) {
  const CallRow& row = RowOf(request.command.call);
  std::unique_ptr<Message> command(CommandOf(row.participant).New());
  row.build(request, kToken, *command);
  return command;
}

template <class Command>
Command Built(const CallRequest& request) {
  return dynamic_cast<const Command&>(*Build(request));
}

// The name of the arm that is set; "" if none is.
std::string ArmOf(const Message& command) {
  const auto* arm = command.GetReflection()->GetOneofFieldDescriptor(
      command, command.GetDescriptor()->oneof_decl(0));
  return arm == nullptr ? "" : arm->name();
}

TEST_CASE("every row sets one arm of its participant's commands, with the whole key") {
  for (const CallRow& row : CallTable()) {
    const auto command = Build(RequestOf(row.call));
    const std::string name = ArmOf(*command);
    CAPTURE(name);
    REQUIRE_FALSE(name.empty());
    const auto* arm = command->GetDescriptor()->FindFieldByName(name);
    const Message& body = command->GetReflection()->GetMessage(*command, arm);
    const auto* key_field = body.GetDescriptor()->FindFieldByName("key");
    saga::v1::CommandKey key;
    key.CopyFrom(body.GetReflection()->GetMessage(body, key_field));
    REQUIRE(key.saga_id() == RequestOf(row.call).saga_id.ToString());
    REQUIRE(key.step() == "some_step");
    REQUIRE(key.round() == 2);
    REQUIRE(key.fencing_epoch() == kToken.epoch);
    REQUIRE(key.fencing_holder() == kToken.holder.bytes());
  }
}

TEST_CASE("every command that a participant takes has its call") {
  std::set<std::string> built;
  for (const CallRow& row : CallTable()) built.insert(ArmOf(*Build(RequestOf(row.call))));
  for (const auto participant :
       {Participant::kSeats, Participant::kPayments, Participant::kReservations}) {
    const auto& arms = *CommandOf(participant).GetDescriptor()->oneof_decl(0);
    for (int i = 0; i < arms.field_count(); ++i) {
      CAPTURE(arms.field(i)->name());
      REQUIRE(built.contains(arms.field(i)->name()));
    }
  }
}

TEST_CASE("each call is the command of its name") {
  const std::map<Call, std::string> expected{{Call::kReserveSeats, "reserve_seats"},
                                             {Call::kReleaseSeats, "release_seats"},
                                             {Call::kChargePayment, "charge_payment"},
                                             {Call::kProbePayment, "probe_payment"},
                                             {Call::kRefundPayment, "refund_payment"},
                                             {Call::kHoldReservation, "hold_reservation"},
                                             {Call::kConfirmReservation, "confirm_reservation"},
                                             {Call::kCancelReservation, "cancel_reservation"},
                                             {Call::kReserveNewSeats, "reserve_seats"},
                                             {Call::kReleaseNewSeats, "release_seats"},
                                             {Call::kGiveBackSeats, "give_back_seats"},
                                             {Call::kChargeDifference, "charge_payment"},
                                             {Call::kRefundDifference, "refund_payment"},
                                             {Call::kPayBackDifference, "pay_back_payment"},
                                             {Call::kConfirmChange, "confirm_change"},
                                             {Call::kUndoChange, "cancel_reservation"}};
  REQUIRE(CallTable().size() == expected.size());
  for (const auto& [call, name] : expected) REQUIRE(ArmOf(*Build(RequestOf(call))) == name);
}

TEST_CASE("reserving names the event and every seat") {
  const auto reserve = Built<seat::v1::SeatCommand>(RequestOf(Call::kReserveSeats)).reserve_seats();
  REQUIRE(reserve.event_id() == "hamlet");
  REQUIRE(reserve.seat_ids_size() == 2);
  REQUIRE(reserve.seat_ids(1) == "stalls/A/2");
}

TEST_CASE("charging carries the price that seat_svc said and the sealed token") {
  const auto charge =
      Built<payment::v1::PaymentCommand>(RequestOf(Call::kChargePayment)).charge_payment();
  REQUIRE(charge.amount().amount_minor() == 4500);
  REQUIRE(charge.amount().currency() == "EUR");
  REQUIRE(charge.sealed_payment_token() == std::string("\0sealed\xff", 8));
}

TEST_CASE("confirming tells the price, cancelling tells why") {
  using reservation::v1::ReservationCommand;
  const auto confirm =
      Built<ReservationCommand>(RequestOf(Call::kConfirmReservation)).confirm_reservation();
  REQUIRE(confirm.price().amount_minor() == 4500);
  REQUIRE(confirm.price().currency() == "EUR");
  const auto cancel =
      Built<ReservationCommand>(RequestOf(Call::kCancelReservation)).cancel_reservation();
  REQUIRE(cancel.reason() == "PAYMENT_DECLINED");
  REQUIRE(cancel.message() == "the card was declined");
}

TEST_CASE(
    "holding tells price and expiry, and why the payment before was refused, if there was one") {
  using reservation::v1::ReservationCommand;
  CallRequest request = RequestOf(Call::kHoldReservation);
  request.hold.emplace().expiry = absl::FromUnixSeconds(1'800'000'000);
  request.hold->setback_reason = "CARD_EXPIRED";
  request.hold->setback_message = "the card has expired";
  auto hold = Built<ReservationCommand>(request).hold_reservation();
  REQUIRE(hold.price().amount_minor() == 4500);
  REQUIRE(hold.expire_time().seconds() == 1'800'000'000);
  REQUIRE(hold.payment_failure().reason() == "CARD_EXPIRED");
  REQUIRE(hold.payment_failure().message() == "the card has expired");
  request.hold->setback_reason.clear();
  hold = Built<ReservationCommand>(request).hold_reservation();
  REQUIRE_FALSE(hold.has_payment_failure());
}

TEST_CASE("refunding names an amount only if a cancellation decided one") {
  CallRequest request = RequestOf(Call::kRefundPayment);
  REQUIRE_FALSE(Built<payment::v1::PaymentCommand>(request).refund_payment().has_refunds());
  auto data = std::make_shared<orchestrator::v1::SagaData>(*request.data);
  data->mutable_reservation()->mutable_refund()->set_amount_minor(0);
  request.data = data;
  const auto nothing = Built<payment::v1::PaymentCommand>(request).refund_payment();
  REQUIRE(nothing.has_refunds());
  REQUIRE(nothing.refunds().refunds().empty());
}

TEST_CASE("no transport error reaches the customer of a cancelled reservation") {
  CallRequest request = RequestOf(Call::kCancelReservation);
  request.reason = std::string(core::kOutcomeUnknown);
  request.message = "UNAVAILABLE: ipv4:10.1.2.3:50053: connection refused";
  const auto cancel = Built<reservation::v1::ReservationCommand>(request).cancel_reservation();
  REQUIRE(cancel.reason() == "OUTCOME_UNKNOWN");
  REQUIRE(cancel.message().find("nothing is charged") != std::string::npos);
  REQUIRE(cancel.message().find("10.1.2.3") == std::string::npos);
}

}  // namespace
}  // namespace seatsaga::participants
