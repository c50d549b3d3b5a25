#include <catch2/catch.hpp>

#include "bench/in_flight_probe.h"
#include "common/time_proto.h"

namespace seatsaga::bench {
namespace {

using orchestrator::v1::HISTORY_EVENT_TYPE_CALL_ENDED;
using orchestrator::v1::HISTORY_EVENT_TYPE_PROBE_ENDED;
using orchestrator::v1::HistoryEntry;
using orchestrator::v1::Saga;

const absl::Time kRestart = absl::FromUnixSeconds(1'800'000'000);

HistoryEntry& Add(Saga& saga, absl::Duration after_restart, const std::string& step,
                  saga::v1::Outcome outcome) {
  HistoryEntry& entry = *saga.add_history();
  *entry.mutable_time() = ToProto(kRestart + after_restart);
  entry.set_type(HISTORY_EVENT_TYPE_CALL_ENDED);
  entry.set_direction(saga::v1::DIRECTION_ACTION);
  entry.set_step(step);
  entry.set_outcome(outcome);
  return entry;
}

Saga ReservedBeforeTheRestart() {
  Saga saga;
  saga.set_state(orchestrator::v1::SAGA_STATE_RUNNING);
  Add(saga, -absl::Seconds(3), "reserve_seats", saga::v1::OUTCOME_SUCCEEDED);
  return saga;
}

TEST_CASE("a saga without a transition after the restart has not moved") {
  const SagaAfter after = ReadHistory(ReservedBeforeTheRestart(), kRestart);
  CHECK(after.moved == absl::InfiniteFuture());
  CHECK_FALSE(after.completed);
}

TEST_CASE("a saga moves with its first transition after the restart and ends with its last") {
  Saga saga = ReservedBeforeTheRestart();
  Add(saga, absl::Milliseconds(200), "charge_payment", saga::v1::OUTCOME_SUCCEEDED);
  Add(saga, absl::Milliseconds(300), "confirm_reservation", saga::v1::OUTCOME_SUCCEEDED);
  saga.set_state(orchestrator::v1::SAGA_STATE_COMPLETED);
  const SagaAfter after = ReadHistory(saga, kRestart);
  CHECK(after.completed);
  CHECK(after.moved == kRestart + absl::Milliseconds(200));
  CHECK(after.finished == kRestart + absl::Milliseconds(300));
  CHECK(after.charges == 1);
  CHECK(after.confirms == 1);
}

TEST_CASE(
    "a charge counts whether its call or a probe says that it is done, and twice if both do") {
  Saga saga = ReservedBeforeTheRestart();
  Add(saga, -absl::Seconds(1), "charge_payment", saga::v1::OUTCOME_UNKNOWN);
  CHECK(ReadHistory(saga, kRestart).charges == 0);
  HistoryEntry& probe = Add(saga, absl::Seconds(1), "charge_payment", saga::v1::OUTCOME_SUCCEEDED);
  probe.set_type(HISTORY_EVENT_TYPE_PROBE_ENDED);
  CHECK(ReadHistory(saga, kRestart).charges == 1);
  Add(saga, absl::Seconds(2), "charge_payment", saga::v1::OUTCOME_SUCCEEDED);
  CHECK(ReadHistory(saga, kRestart).charges == 2);
}

TEST_CASE("an undone charge is no charge") {
  Saga saga = ReservedBeforeTheRestart();
  Add(saga, absl::Seconds(1), "charge_payment", saga::v1::OUTCOME_SUCCEEDED)
      .set_direction(saga::v1::DIRECTION_COMPENSATION);
  CHECK(ReadHistory(saga, kRestart).charges == 0);
}

}  // namespace
}  // namespace seatsaga::bench
