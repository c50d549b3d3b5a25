// SIGKILL of every process at every point of the saga. A point is held still by freezing (SIGSTOP)
// the participant whose answer the saga waits for.
#include <atomic>
#include <iostream>
#include <map>
#include <mutex>
#include <random>

#include "absl/time/clock.h"
#include "tests/integration/support.h"

namespace seatsaga::integration {
namespace {

// Calls that are cut off by crashes use up attempts; these tests are about crashes, not about
// giving up.
TestCluster::Flags Patient() { return {{Service::kOrchestrator, {"--attempts-max=50"}}}; }

// Where the saga is held up when the process is killed, and how the reservation must end.
struct Point {
  const char* step;
  saga::v1::Direction direction;
  Service held_by;
  const char* token;
  const char* outcome;
};

const Point kPoints[] = {
    {"reserve_seats", DIRECTION_ACTION, Service::kSeat, "tok_visa", "CONFIRMED"},
    {"charge_payment", DIRECTION_ACTION, Service::kPayment, "tok_visa", "CONFIRMED"},
    {"confirm_reservation", DIRECTION_ACTION, Service::kReservation, "tok_visa", "CONFIRMED"},
    {"reserve_seats", DIRECTION_COMPENSATION, Service::kSeat, "tok_declined",
     "CANCELLED PAYMENT_DECLINED"},
    {"create_reservation", DIRECTION_COMPENSATION, Service::kReservation, "tok_declined",
     "CANCELLED PAYMENT_DECLINED"},
};

// Submits a reservation and freezes its saga at `point`; returns its id.
std::string HoldAt(TestCluster& cluster, const Point& point,
                   const reservation::v1::CreateReservationRequest& request) {
  const bool at_first =
      std::string_view(point.step) == "reserve_seats" && point.direction == DIRECTION_ACTION;
  if (at_first) cluster->Pause(Service::kSeat);
  // Stopping the saga at the charge gives time to freeze whom it calls next.
  if (!at_first) cluster->Pause(Service::kPayment);
  std::string id = SubmitOne(cluster, request);
  if (!at_first && point.held_by != Service::kPayment) {
    REQUIRE(WaitUntilSagaIsAt(cluster, id, "charge_payment"));
    cluster->Pause(point.held_by);
    cluster->Resume(Service::kPayment);
  }
  REQUIRE(WaitUntilSagaIsAt(cluster, id, point.step, point.direction));
  return id;
}

void KillAtEveryPoint(Service victim) {
  TestCluster cluster(Patient());
  MakeEvent(cluster);
  int seat = 0;
  for (const Point& point : kPoints) {
    CAPTURE(cluster::ProgramOf(victim), point.step, point.direction);
    const auto request = Reserve(kEvent, {SeatId(0, ++seat)}, point.token);
    const std::string id = HoldAt(cluster, point, request);
    cluster->Kill(victim);
    cluster->Resume(point.held_by);  // without effect if that is the one
    const absl::Status restarted = cluster->Start(victim);
    INFO(restarted);
    REQUIRE(restarted.ok());
    const auto reservation = cluster::ReserveUntilFinal(cluster.clients(), request);
    CHECK(Outcome(reservation) == point.outcome);
    CHECK((reservation.ok() && reservation->reservation_id() == id));
  }
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("reservations survive kill -9 of reservation_svc at every point") {
  KillAtEveryPoint(Service::kReservation);
}

TEST_CASE("reservations survive kill -9 of seat_svc at every point") {
  KillAtEveryPoint(Service::kSeat);
}

TEST_CASE("reservations survive kill -9 of payment_svc at every point") {
  KillAtEveryPoint(Service::kPayment);
}

TEST_CASE("reservations survive kill -9 of the orchestrator at every point") {
  KillAtEveryPoint(Service::kOrchestrator);
}

TEST_CASE("a reservation accepted while the orchestrator is down starts when it is back") {
  TestCluster cluster;
  MakeEvent(cluster);
  cluster->Kill(Service::kOrchestrator);
  const auto request = Reserve(kEvent, {SeatId(0, 1)});
  SubmitOne(cluster, request);
  cluster->Kill(Service::kReservation);  // the outbox must survive too
  REQUIRE(cluster->Start(Service::kReservation) == absl::OkStatus());
  REQUIRE(cluster->Start(Service::kOrchestrator) == absl::OkStatus());
  CHECK(Outcome(cluster::ReserveUntilFinal(cluster.clients(), request)) == "CONFIRMED");
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("reservations survive kill -9 of all four processes at once") {
  TestCluster cluster(Patient());
  MakeEvent(cluster);
  const auto request = Reserve(kEvent, {SeatId(0, 1)}, "tok_slow_500");
  const std::string id = SubmitOne(cluster, request);
  REQUIRE(WaitUntilSagaIsAt(cluster, id, "charge_payment"));
  for (const Service service : cluster::kServices) cluster->Kill(service);
  REQUIRE(cluster->StartAll() == absl::OkStatus());
  CHECK(Outcome(cluster::ReserveUntilFinal(cluster.clients(), request)) == "CONFIRMED");
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("a frozen orchestrator goes on where it stopped") {
  TestCluster cluster(Patient());
  MakeEvent(cluster);
  const auto request = Reserve(kEvent, {SeatId(0, 1)}, "tok_slow_300");
  const std::string id = SubmitOne(cluster, request);
  REQUIRE(WaitUntil([&] { return cluster::GetPayment(cluster.clients(), id).ok(); }));
  cluster->Pause(Service::kOrchestrator);
  // The charge ends while nobody listens.
  REQUIRE(WaitUntil([&] {
    const auto payment = cluster::GetPayment(cluster.clients(), id);
    return payment.ok() && payment->state() == payment::v1::PAYMENT_STATE_CAPTURED;
  }));
  CHECK(Outcome(cluster::GetReservation(cluster.clients(), id)) == "PENDING");
  cluster->Resume(Service::kOrchestrator);
  CHECK(Outcome(cluster::ReserveUntilFinal(cluster.clients(), request)) == "CONFIRMED");
  cluster::RequireCleanAudit(*cluster);
}

// --- a random process dies every few hundred milliseconds, while clients keep reserving
// ----------------

constexpr int kClients = 20;
// Enough seats that most sagas go all the way, few enough that some meet.
constexpr int kRows = 20;
constexpr int kSeatsARow = 300;
constexpr absl::Duration kChaos = absl::Seconds(10);
constexpr absl::Duration kBetweenKills = absl::Milliseconds(300);
const char* const kTokens[] = {"tok_visa",     "tok_visa",    "tok_declined",
                               "tok_slow_100", "tok_flaky_1", "tok_timeout_charged"};

// What clients were told. Thread-safe.
class Told {
 public:
  void Add(const absl::StatusOr<Reservation>& answer) {
    const std::scoped_lock lock(mutex_);
    if (answer.ok()) {
      finals_[answer->reservation_id()] = Outcome(answer);
    } else {
      errors_.push_back(answer.status().ToString());
    }
  }
  const std::map<std::string, std::string>& finals() const { return finals_; }
  const std::vector<std::string>& errors() const { return errors_; }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> finals_;  // by reservation
  std::vector<std::string> errors_;
};

void KeepReserving(Clients& clients, unsigned seed, const std::atomic<bool>& stop, Told& told) {
  std::mt19937 random(seed);
  while (!stop) {
    const std::string seat =
        SeatId(static_cast<int>(random() % kRows), static_cast<int>(random() % kSeatsARow) + 1);
    const char* token = kTokens[random() % std::size(kTokens)];
    told.Add(cluster::ReserveUntilFinal(clients, Reserve(kEvent, {seat}, token)));
  }
}

TEST_CASE("20 clients keep reserving while processes are killed at random") {
  const unsigned seed = SeedOf(20260101);
  std::cerr << "seed " << seed << " (SEATSAGA_TEST_SEED=... for another)\n";
  TestCluster cluster(Patient());
  REQUIRE(cluster::CreateEvent(cluster.clients(), kEvent, kRows, kSeatsARow).ok());
  std::atomic<bool> stop = false;
  Told told;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kClients; ++i) {
    threads.emplace_back([&, i] { KeepReserving(cluster.clients(), seed + 1 + i, stop, told); });
  }
  std::mt19937 random(seed);
  int kills = 0;
  absl::Status restarted;
  for (const absl::Time end = absl::Now() + kChaos; restarted.ok() && absl::Now() < end; ++kills) {
    absl::SleepFor(kBetweenKills);
    const Service victim = cluster::kServices[random() % std::size(cluster::kServices)];
    cluster->Kill(victim);
    restarted = cluster->Start(victim);
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();

  CHECK(restarted == absl::OkStatus());
  CHECK(kills >= 5);
  CHECK(told.errors() == std::vector<std::string>{});
  CHECK(told.finals().size() >= kClients);
  // What was acknowledged stays so.
  for (const auto& [id, outcome] : told.finals()) {
    CHECK(Outcome(cluster::GetReservation(cluster.clients(), id)) == outcome);
  }
  cluster::RequireCleanAudit(*cluster);
}

}  // namespace
}  // namespace seatsaga::integration
