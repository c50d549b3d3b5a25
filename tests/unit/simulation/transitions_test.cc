// The transitions that there are, and those of a history.
#include "tests/simulation/transitions.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/simulation/cells.h"

namespace seatsaga::simulation {
namespace {

using namespace orchestrator::v1;  // the API's words

bool AreThere(const std::string& state, const std::string& event) {
  const auto& names = ReservationTransitions().names();
  return std::binary_search(names.begin(), names.end(), TransitionName{state, event});
}

HistoryEntry& Add(Saga& saga, HistoryEventType type, SagaState after) {
  HistoryEntry& entry = *saga.add_history();
  entry.set_sequence(saga.history_size());
  entry.set_type(type);
  entry.set_state_after(after);
  saga.set_state(after);
  return entry;
}

void AddAnswer(Saga& saga, const std::string& step, int attempt, saga::v1::Outcome outcome,
               SagaState after) {
  HistoryEntry& entry = Add(saga, HISTORY_EVENT_TYPE_CALL_ENDED, after);
  entry.set_step(step);
  entry.set_direction(after == SAGA_STATE_COMPENSATED ? saga::v1::DIRECTION_COMPENSATION
                                                      : saga::v1::DIRECTION_ACTION);
  entry.set_round(1);
  entry.set_attempt(attempt);
  entry.set_outcome(outcome);
}

// Its seats were taken, which it heard at the second attempt.
Saga Refused() {
  Saga saga;
  Add(saga, HISTORY_EVENT_TYPE_STARTED, SAGA_STATE_RUNNING);
  AddAnswer(saga, "reserve_seats", 1, saga::v1::OUTCOME_UNKNOWN, SAGA_STATE_RUNNING);
  Add(saga, HISTORY_EVENT_TYPE_TIMER_FIRED, SAGA_STATE_RUNNING);
  AddAnswer(saga, "reserve_seats", 2, saga::v1::OUTCOME_REFUSED, SAGA_STATE_COMPENSATING);
  AddAnswer(saga, "create_reservation", 1, saga::v1::OUTCOME_SUCCEEDED, SAGA_STATE_COMPENSATED);
  return saga;
}

TEST_CASE("transitions: those that the core makes are there") {
  CHECK(AreThere("new", "started"));
  CHECK(AreThere("running.reserve_seats", "call_ended.refused"));
  CHECK(AreThere("running.charge_payment", "probe_ended.not_found"));
  CHECK(AreThere("running.charge_payment.backing_off", "timer_fired"));
  CHECK(AreThere("running.confirm_reservation.parked", "operator_retried"));
  CHECK(AreThere("waiting.await_payment", "signalled"));
  CHECK(AreThere("compensating.reserve_seats.backing_off.flagged", "operator_retried"));
  CHECK(AreThere("completed", "cancel_requested"));
}

TEST_CASE("transitions: those that the core refuses or ignores are not there") {
  CHECK_FALSE(AreThere("running.reserve_seats", "probe_ended.succeeded"));  // nothing probes it
  CHECK_FALSE(AreThere("running.reserve_seats", "call_ended.not_found"));   // only a probe ends so
  CHECK_FALSE(AreThere("running.reserve_seats", "timer_fired"));            // its call is under way
  CHECK_FALSE(AreThere("running.reserve_seats.flagged", "call_ended.unknown"));
  CHECK_FALSE(AreThere("running.confirm_reservation", "operator_compensated"));
  CHECK_FALSE(AreThere("compensating.confirm_reservation", "call_ended.succeeded"));
  CHECK_FALSE(AreThere("completed", "operator_compensated"));
  CHECK_FALSE(AreThere("compensated", "cancel_requested"));
}

TEST_CASE("transitions: a history is followed from the start to its end") {
  const auto places = ReservationTransitions().Of(Refused());
  REQUIRE(places.ok());
  std::vector<std::string> words;
  for (const size_t place : *places) {
    const TransitionName& name = ReservationTransitions().names()[place];
    words.push_back(name.state + " " + name.event);
  }
  REQUIRE(words ==
          std::vector<std::string>{"new started", "running.reserve_seats call_ended.unknown",
                                   "running.reserve_seats.backing_off timer_fired",
                                   "running.reserve_seats call_ended.refused",
                                   "compensating.create_reservation call_ended.succeeded"});
}

TEST_CASE("transitions: a history along which the core's rules do not lead is refused") {
  const auto is_refused = [](const Saga& saga) { return !ReservationTransitions().Of(saga).ok(); };
  REQUIRE_FALSE(is_refused(Refused()));
  Saga without_timer = Refused();
  without_timer.mutable_history()->DeleteSubrange(2, 1);
  CHECK(is_refused(without_timer));
  Saga other_attempt = Refused();
  other_attempt.mutable_history(3)->set_attempt(1);
  CHECK(is_refused(other_attempt));
  Saga other_state = Refused();
  other_state.mutable_history(3)->set_state_after(SAGA_STATE_RUNNING);
  CHECK(is_refused(other_state));
  Saga other_end = Refused();
  other_end.set_state(SAGA_STATE_COMPLETED);
  CHECK(is_refused(other_end));
}

}  // namespace
}  // namespace seatsaga::simulation
