// The orchestrator is updated while sagas of the version before are in flight.
#include "tests/integration/changes.h"

namespace seatsaga::integration {
namespace {

constexpr absl::Duration kLong = absl::Minutes(10);

int VersionOf(TestCluster& cluster, const std::string& id) {
  const auto saga = cluster::GetSaga(cluster.clients(), id);
  return saga.ok() ? saga->definition_version() : 0;
}

// Starts the orchestrator as an older release would run: new sagas get version 1.
void RestartOnVersionOne(TestCluster& cluster) {
  cluster->Kill(Service::kOrchestrator);
  REQUIRE(cluster->Start(Service::kOrchestrator, {"--newest-version=reservation=1"}) ==
          absl::OkStatus());
}

void Upgrade(TestCluster& cluster) {
  cluster->Kill(Service::kOrchestrator);
  REQUIRE(cluster->Start(Service::kOrchestrator) == absl::OkStatus());
}

std::string SubmitSlow(TestCluster& cluster, int seat) {
  const std::string id = SubmitOne(cluster, Reserve(kEvent, {SeatId(0, seat)}, "tok_slow_1500"));
  REQUIRE(WaitUntilSagaIsAt(cluster, id, "charge_payment"));
  CHECK(VersionOf(cluster, id) == 1);
  return id;
}

TEST_CASE("an upgrade loses nothing: old sagas end as version 1, holds wait for version 2") {
  TestCluster cluster({{Service::kOrchestrator, {"--attempts-max=50"}}});
  MakeEvent(cluster);
  RestartOnVersionOne(cluster);
  const auto done_before =
      cluster::ReserveUntilFinal(cluster.clients(), Reserve(kEvent, {SeatId(1, 1)}));
  REQUIRE(Outcome(done_before) == "CONFIRMED");
  // No saga of version 1 can hold, so these wait, even if they are sent before others.
  const auto hold = Hold(kEvent, {SeatId(2, 1)}, kLong);
  const std::string hold_id = SubmitOne(cluster, hold);
  const std::string given_up = SubmitOne(cluster, Hold(kEvent, {SeatId(2, 2)}, kLong));
  const auto give_up = Cancel(given_up);
  CHECK(Outcome(SendUntilAnswered(cluster.clients(), give_up)) == "CANCELLING");
  std::vector<std::string> in_flight;
  for (int seat = 1; seat <= 3; ++seat) in_flight.push_back(SubmitSlow(cluster, seat));
  const std::string cancelled = SubmitSlow(cluster, 4);
  const auto cancel = Cancel(cancelled);
  CHECK(Outcome(SendUntilAnswered(cluster.clients(), cancel)) == "CANCELLING");
  CHECK(OutcomeOf(cluster, hold_id) == "PENDING");
  CHECK(absl::IsNotFound(cluster::GetSaga(cluster.clients(), hold_id).status()));

  Upgrade(cluster);

  for (const std::string& id : in_flight) {
    CHECK(WaitUntilOutcome(cluster, id, "CONFIRMED"));
    CHECK(VersionOf(cluster, id) == 1);
  }
  CHECK(Outcome(SendUntilSettled(cluster.clients(), cancel)) == "CANCELLED CANCELLED_BY_CLIENT");
  CHECK(VersionOf(cluster, cancelled) == 1);
  CHECK(Outcome(SendUntilSettled(cluster.clients(), give_up)) == "CANCELLED CANCELLED_BY_CLIENT");
  CHECK(Outcome(SendUntilSettled(cluster.clients(), hold)) == "HELD");
  CHECK(VersionOf(cluster, hold_id) == 2);
  CHECK(Outcome(SendUntilSettled(cluster.clients(), Pay(hold_id))) == "CONFIRMED");
  const auto after = cluster::ReserveUntilFinal(cluster.clients(), Reserve(kEvent, {SeatId(1, 2)}));
  REQUIRE(Outcome(after) == "CONFIRMED");
  CHECK(VersionOf(cluster, after->reservation_id()) == 2);
  // What version 1 has completed can be cancelled too.
  const std::string& old = done_before->reservation_id();
  CHECK(VersionOf(cluster, old) == 1);
  CHECK(Outcome(SendUntilSettled(cluster.clients(), Cancel(old))) ==
        "CANCELLED CANCELLED_BY_CLIENT");
  CHECK(KeptMinor(cluster, old) == 0);
  RequireLedger(cluster, 5 * cluster::kSeatPriceMinor);
  cluster::RequireCleanAudit(*cluster);
}

}  // namespace
}  // namespace seatsaga::integration
