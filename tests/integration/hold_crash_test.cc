// SIGKILL of every process at every point of a hold, a payment for it, and a cancellation. As in
// crash_test, a point is held still by freezing the participant whose answer the saga waits for.
#include "tests/integration/changes.h"

namespace seatsaga::integration {
namespace {

// The saga is at `step` until `held_by` goes on; then the reservation ends as `outcome`.
struct Point {
  const char* step;
  saga::v1::Direction direction;
  Service held_by;
  std::string (*freeze)(TestCluster& cluster, int seat);  // returns the reservation's id
  const char* outcome;
};

std::string HoldSeat(TestCluster& cluster, int seat) {
  return HoldOne(cluster, Hold(kEvent, {SeatId(0, seat)}, absl::Minutes(10)));
}

std::string BuySeat(TestCluster& cluster, int seat) {
  const std::string id = HoldSeat(cluster, seat);
  REQUIRE(Outcome(SendUntilSettled(cluster.clients(), Pay(id))) == "CONFIRMED");
  return id;
}

void AcceptCancellation(TestCluster& cluster, const std::string& id) {
  REQUIRE(Outcome(SendUntilAnswered(cluster.clients(), Cancel(id))) == "CANCELLING");
}

// The saga waits for seat_svc, which is frozen; from then on it waits for reservation_svc.
void FreezeReservationsAfterSeats(TestCluster& cluster, const std::string& id,
                                  saga::v1::Direction direction) {
  REQUIRE(WaitUntilSagaIsAt(cluster, id, "reserve_seats", direction));
  cluster->Pause(Service::kReservation);
  cluster->Resume(Service::kSeat);
}

std::string FreezeHold(TestCluster& cluster, int seat) {
  cluster->Pause(Service::kSeat);
  const std::string id = SubmitOne(cluster, Hold(kEvent, {SeatId(0, seat)}, absl::Minutes(10)));
  FreezeReservationsAfterSeats(cluster, id, DIRECTION_ACTION);
  return id;
}

std::string FreezeCharge(TestCluster& cluster, int seat) {
  const std::string id = HoldSeat(cluster, seat);
  cluster->Pause(Service::kPayment);
  REQUIRE(Outcome(SendUntilAnswered(cluster.clients(), Pay(id))) == "PENDING");
  return id;
}

std::string FreezeRefund(TestCluster& cluster, int seat) {
  const std::string id = BuySeat(cluster, seat);
  cluster->Pause(Service::kPayment);
  AcceptCancellation(cluster, id);
  return id;
}

std::string FreezeReleaseOfHold(TestCluster& cluster, int seat) {
  const std::string id = HoldSeat(cluster, seat);
  cluster->Pause(Service::kSeat);
  AcceptCancellation(cluster, id);
  return id;
}

std::string FreezeReleaseOfSale(TestCluster& cluster, int seat) {
  const std::string id = BuySeat(cluster, seat);
  cluster->Pause(Service::kSeat);
  AcceptCancellation(cluster, id);
  return id;
}

std::string FreezeEndOfCancellation(TestCluster& cluster, int seat) {
  const std::string id = FreezeReleaseOfSale(cluster, seat);
  FreezeReservationsAfterSeats(cluster, id, DIRECTION_COMPENSATION);
  return id;
}

constexpr char kCancelled[] = "CANCELLED CANCELLED_BY_CLIENT";
const Point kPoints[] = {
    {"hold_reservation", DIRECTION_ACTION, Service::kReservation, FreezeHold, "HELD"},
    {"charge_payment", DIRECTION_ACTION, Service::kPayment, FreezeCharge, "CONFIRMED"},
    {"charge_payment", DIRECTION_COMPENSATION, Service::kPayment, FreezeRefund, kCancelled},
    {"reserve_seats", DIRECTION_COMPENSATION, Service::kSeat, FreezeReleaseOfHold, kCancelled},
    {"reserve_seats", DIRECTION_COMPENSATION, Service::kSeat, FreezeReleaseOfSale, kCancelled},
    {"create_reservation", DIRECTION_COMPENSATION, Service::kReservation, FreezeEndOfCancellation,
     kCancelled},
};

void KillAtEveryPoint(Service victim) {
  TestCluster cluster({{Service::kOrchestrator, {"--attempts-max=50"}}});
  MakeEvent(cluster);
  int seat = 0;
  for (const Point& point : kPoints) {
    CAPTURE(cluster::ProgramOf(victim), point.step, point.direction, point.outcome);
    const std::string id = point.freeze(cluster, ++seat);
    REQUIRE(WaitUntilSagaIsAt(cluster, id, point.step, point.direction));
    cluster->Kill(victim);
    cluster->Resume(point.held_by);  // without effect if that is the one
    const absl::Status restarted = cluster->Start(victim);
    INFO(restarted);
    REQUIRE(restarted.ok());
    CHECK(WaitUntilOutcome(cluster, id, point.outcome));
    if (OutcomeOf(cluster, id) == "HELD") {
      CHECK(Outcome(SendUntilSettled(cluster.clients(), Pay(id))) == "CONFIRMED");
    }
  }
  CHECK(cluster::AvailableSeats(cluster.clients(), kEvent) == 98);
  RequireLedger(cluster, 2 * cluster::kSeatPriceMinor);
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("holds and cancellations survive kill -9 of reservation_svc at every point") {
  KillAtEveryPoint(Service::kReservation);
}

TEST_CASE("holds and cancellations survive kill -9 of seat_svc at every point") {
  KillAtEveryPoint(Service::kSeat);
}

TEST_CASE("holds and cancellations survive kill -9 of payment_svc at every point") {
  KillAtEveryPoint(Service::kPayment);
}

TEST_CASE("holds and cancellations survive kill -9 of the orchestrator at every point") {
  KillAtEveryPoint(Service::kOrchestrator);
}

}  // namespace
}  // namespace seatsaga::integration
