#pragma once

#include <string>
#include <vector>

#include "seatsaga/orchestrator/v1/orchestrator.pb.h"

namespace seatsaga::testing {

// The domain events that a saga's history implies, in order, without "seatsaga.". Knows what
// the API promises, and shares no code with what keeps it. The saga must be at rest.
class ImpliedEvents {
 public:
  explicit ImpliedEvents(const orchestrator::v1::Saga& saga)
      : takes_seats_(!saga.data().has_partial_cancellation()) {
    for (const auto& entry : saga.history()) {
      Take(entry);
      state_ = entry.state_after();
    }
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  using Entry = orchestrator::v1::HistoryEntry;

  void Take(const Entry& entry) {
    using namespace orchestrator::v1;
    switch (entry.type()) {
      case HISTORY_EVENT_TYPE_STARTED:
        if (!takes_seats_) return;
        Add("SeatReservationRequested");
        open_ = "SeatReservationFailed";
        return;
      case HISTORY_EVENT_TYPE_CALL_ENDED:
      case HISTORY_EVENT_TYPE_PROBE_ENDED:
        entry.direction() == saga::v1::DIRECTION_ACTION ? TakeAction(entry) : TakeUndo(entry);
        return;
      case HISTORY_EVENT_TYPE_TIMER_FIRED:
        if (state_ == SAGA_STATE_WAITING) Add("HoldExpired");
        return;
      default:
        if (IsUndone(entry)) Fail();
    }
  }
  void TakeAction(const Entry& entry) {
    if (entry.step() == "charge_payment" && entry.round() > paid_round_) {
      paid_round_ = entry.round();
      Add("PaymentRequested");
      open_ = "PaymentFailed";
    }
    if (entry.outcome() != saga::v1::OUTCOME_SUCCEEDED) {
      const bool tries_again = entry.outcome() == saga::v1::OUTCOME_REFUSED &&
                               entry.state_after() == orchestrator::v1::SAGA_STATE_RUNNING;
      if (tries_again || IsUndone(entry)) Fail();
      return;
    }
    open_.clear();
    if (entry.step() == "reserve_seats") Add("SeatReserved");
    if (entry.step() == "hold_reservation") Add("ReservationHeld");
    if (entry.step() == "charge_payment") Add("PaymentCaptured");
    if (entry.step() == "confirm_reservation") Add("ReservationConfirmed");
    if (entry.step() == "confirm_change") {
      Add("ReservationChanged");
      changed_ = true;
    }
    if (entry.step() == "give_back_seats") Add("SeatReleased");
    if (entry.step() == "pay_back" && entry.has_result()) Add("PaymentRefunded");
  }
  void TakeUndo(const Entry& entry) {
    if (entry.outcome() != saga::v1::OUTCOME_SUCCEEDED) return;
    if (entry.step() == "charge_payment" && entry.has_result()) Add("PaymentRefunded");
    if (entry.step() == "reserve_seats" && (takes_seats_ || changed_)) Add("SeatReleased");
    if (entry.step() == "create_reservation") Add("ReservationCancelled");
    if (entry.step() == "begin_change") {
      Add(changed_ ? "ReservationCancelled" : "ReservationChangeFailed");
    }
  }
  void Fail() {
    if (!open_.empty()) Add(open_);
    open_.clear();
  }
  void Add(const std::string& name) { names_.push_back(name); }
  static bool IsUndone(const Entry& entry) {
    return entry.state_after() == orchestrator::v1::SAGA_STATE_COMPENSATING ||
           entry.state_after() == orchestrator::v1::SAGA_STATE_COMPENSATED;
  }

  const bool takes_seats_;
  bool changed_ = false;  // the change has passed its pivot
  std::vector<std::string> names_;
  orchestrator::v1::SagaState state_{};  // before the entry
  std::string open_;  // what a step that is under way has become if it is given up
  int paid_round_ = 0;
};

}  // namespace seatsaga::testing
