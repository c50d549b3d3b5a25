#include "orchestrator/participants/request_builders.h"

#include <string>

#include "orchestrator/sagas/reservation_saga.h"

namespace seatsaga::participants {
namespace {

using sagas::Call;

// The idempotency key and the fencing token, which every command carries under the same names.
template <class Command>
Command& WithKey(Command* command, const CallRequest& call, uint64_t fencing_token) {
  command->set_saga_id(call.saga_id.ToString());
  command->set_step(std::string(call.step_name));
  command->set_fencing_token(fencing_token);
  return *command;
}

// A participant that did not answer is the operator's business: addresses and transport errors stay
// in the saga's history, and the customer is told what it means.
constexpr std::string_view kUnknownForCustomers =
    "a service did not answer in time; nothing is held and nothing is charged: try again";

void SetPrice(const sagas::SagaFacts& facts, saga::v1::Money* price) {
  price->set_amount_minor(facts.price_minor);
  price->set_currency(facts.currency);
}

}  // namespace

void SeatBatch::Add(const CallRequest& call, uint64_t fencing_token, Request& batch) {
  auto* command = batch.add_commands();
  if (call.command.call == Call::kReleaseSeats) {
    WithKey(command->mutable_release_seats(), call, fencing_token);
    return;
  }
  auto& reserve = WithKey(command->mutable_reserve_seats(), call, fencing_token);
  reserve.set_event_id(call.facts->event_id);
  for (const std::string& seat_id : call.facts->seat_ids) reserve.add_seat_ids(seat_id);
}

void PaymentBatch::Add(const CallRequest& call, uint64_t fencing_token, Request& batch) {
  auto* command = batch.add_commands();
  if (call.command.call == Call::kRefundPayment) {
    WithKey(command->mutable_refund_payment(), call, fencing_token);
  } else if (call.command.call == Call::kProbePayment) {
    WithKey(command->mutable_probe_payment(), call, fencing_token);
  } else {
    auto& charge = WithKey(command->mutable_charge_payment(), call, fencing_token);
    SetPrice(*call.facts, charge.mutable_amount());
    charge.set_sealed_payment_token(call.facts->sealed_payment_token);
  }
}

void ReservationBatch::Add(const CallRequest& call, uint64_t fencing_token, Request& batch) {
  auto* command = batch.add_commands();
  if (call.command.call == Call::kConfirmReservation) {
    auto& confirm = WithKey(command->mutable_confirm_reservation(), call, fencing_token);
    SetPrice(*call.facts, confirm.mutable_price());
    return;
  }
  auto& cancel = WithKey(command->mutable_cancel_reservation(), call, fencing_token);
  cancel.set_reason(call.reason);
  cancel.set_message(call.reason == core::kOutcomeUnknown ? std::string(kUnknownForCustomers)
                                                          : call.message);
}

}  // namespace seatsaga::participants
