// SIGKILL of every process at every point of an exchange, a partial cancellation, and of the
// cancellation after it. As in hold_crash_test, a point is held still by freezing the participant
// whose answer the saga waits for.
#include <functional>

#include "tests/integration/changes.h"

namespace seatsaga::integration {
namespace {

using reservation::v1::RESERVATION_STATE_CHANGING;
using Answer = absl::StatusOr<Reservation>;

constexpr int kRows = 12;
constexpr int64_t kStall = cluster::kSeatPriceMinor;
constexpr int64_t kBox = 4000;

std::string Stall(int row, int number) { return SeatId(row, number); }
std::string Box(int row) {
  return Cat("boxes", Stall(row, 1).substr(std::string("stalls").size()));
}

// A change that was accepted and goes no further for now.
struct Frozen {
  std::string saga_id;
  std::function<Answer(Clients&)> again;  // the same request, until it is settled
};

// The saga is at `step` until `held_by` goes on; then the reservation ends so.
struct Point {
  const char* step;
  saga::v1::Direction direction;
  Service held_by;
  Frozen (*freeze)(TestCluster& cluster, int row);
  const char* end;     // as Describe says
  int64_t kept_minor;  // of its money
};

// The first stalls and the first box of its row are s1, s2 and b1:
// "CONFIRMED s1 b1", "CONFIRMED s1 s2 without PAYMENT_DECLINED".
std::string Describe(const Answer& answer) {
  std::string text = Outcome(answer);
  if (!answer.ok()) return text;
  if (answer->state() == RESERVATION_STATE_CONFIRMED) {
    for (const std::string& seat : answer->seat_ids()) {
      Append(text, " ", seat.substr(0, 1), seat.substr(seat.rfind('/') + 1));
    }
  }
  if (answer->has_change_failure()) Append(text, " without ", answer->change_failure().reason());
  return text;
}

void MakeHall(TestCluster& cluster) {
  seat::v1::Event event = cluster::PlainEvent(kEvent, kRows, 10);
  seat::v1::Section boxes = event.sections(0);
  boxes.set_name("boxes");
  boxes.set_price_minor(kBox);
  *event.add_sections() = boxes;
  *event.mutable_start_time() = ToProto(absl::Now() + absl::Hours(48));
  auto& rule = *event.add_refund_rules();
  *rule.mutable_before_start() = ToProto(absl::Hours(24));
  rule.set_percent(50);
  const absl::Status created = cluster::CreateEvent(cluster.clients(), event);
  INFO(created);
  REQUIRE(created.ok());
}

std::string Buy(TestCluster& cluster, const std::vector<std::string>& seats) {
  const auto bought = cluster::ReserveUntilFinal(cluster.clients(), Reserve(kEvent, seats));
  REQUIRE(Outcome(bought) == "CONFIRMED");
  return bought->reservation_id();
}
std::string BuyTwo(TestCluster& cluster, int row) {
  return Buy(cluster, {Stall(row, 1), Stall(row, 2)});
}

template <class Request>
Frozen Begin(TestCluster& cluster, const Request& request) {
  const Answer begun = SendUntilAnswered(cluster.clients(), request);
  INFO(begun.status());
  REQUIRE(begun.ok());
  REQUIRE(IsUnderWay(*begun));
  return {begun->has_change() ? begun->change().saga_id() : begun->saga_id(),
          [request](Clients& clients) { return SendUntilSettled(clients, request); }};
}

Frozen FreezeAt(TestCluster& cluster, Service service, const auto& request) {
  cluster->Pause(service);
  return Begin(cluster, request);
}

// The saga waits for payment_svc, which is frozen; from then on it waits for another one.
Frozen FreezeAfterCharge(TestCluster& cluster, Service next, const auto& request) {
  Frozen frozen = FreezeAt(cluster, Service::kPayment, request);
  REQUIRE(WaitUntilSagaIsAt(cluster, frozen.saga_id, "charge_payment"));
  cluster->Pause(next);
  cluster->Resume(Service::kPayment);
  return frozen;
}

auto Dearer(TestCluster& cluster, int row, const char* token = "tok_visa") {
  return Exchange(BuyTwo(cluster, row), {Stall(row, 2)}, {Box(row)}, token);
}
auto Cheaper(TestCluster& cluster, int row) {
  return Exchange(Buy(cluster, {Box(row)}), {Box(row)}, {Stall(row, 1)}, "");
}
auto Part(TestCluster& cluster, int row) {
  return CancelSeats(BuyTwo(cluster, row), {Stall(row, 2)});
}
bool IsAtRest(TestCluster& cluster, const std::string& saga_id) {
  const auto saga = cluster::GetSaga(cluster.clients(), saga_id);
  return saga.ok() && (saga->state() == orchestrator::v1::SAGA_STATE_COMPLETED ||
                       saga->state() == orchestrator::v1::SAGA_STATE_COMPENSATED);
}

// Of the whole reservation, after a change.
auto All(TestCluster& cluster, const auto& change) {
  const Answer changed = SendUntilSettled(cluster.clients(), change);
  REQUIRE(Outcome(changed) == "CONFIRMED");
  REQUIRE(WaitUntil([&] { return IsAtRest(cluster, changed->saga_id()); }));
  return Cancel(change.reservation_id());
}

Frozen FreezeReserve(TestCluster& c, int row) {
  return FreezeAt(c, Service::kSeat, Dearer(c, row));
}
Frozen FreezeCharge(TestCluster& c, int row) {
  return FreezeAt(c, Service::kPayment, Dearer(c, row));
}
Frozen FreezeConfirm(TestCluster& c, int row) {
  return FreezeAfterCharge(c, Service::kReservation, Dearer(c, row));
}
Frozen FreezeGiveBack(TestCluster& c, int row) {
  return FreezeAfterCharge(c, Service::kSeat, Dearer(c, row));
}
Frozen FreezeRelease(TestCluster& c, int row) {
  return FreezeAfterCharge(c, Service::kSeat, Dearer(c, row, "tok_declined"));
}
Frozen FreezeEndOfUndo(TestCluster& c, int row) {
  return FreezeAfterCharge(c, Service::kReservation, Dearer(c, row, "tok_declined"));
}
Frozen FreezeGiveBackOfCheaper(TestCluster& c, int row) {
  return FreezeAfterCharge(c, Service::kSeat, Cheaper(c, row));
}
Frozen FreezeGiveBackOfPart(TestCluster& c, int row) {
  return FreezeAt(c, Service::kSeat, Part(c, row));
}
Frozen FreezePayBackOfPart(TestCluster& c, int row) {
  return FreezeAt(c, Service::kPayment, Part(c, row));
}
Frozen FreezeRefundOfAll(TestCluster& c, int row) {
  return FreezeAt(c, Service::kPayment, All(c, Dearer(c, row)));
}
Frozen FreezeReleaseOfAll(TestCluster& c, int row) {
  return FreezeAt(c, Service::kSeat, All(c, Dearer(c, row)));
}
Frozen FreezeRefundAfterPart(TestCluster& c, int row) {
  return FreezeAt(c, Service::kPayment, All(c, Part(c, row)));
}

constexpr char kCancelled[] = "CANCELLED CANCELLED_BY_CLIENT";
constexpr char kExchanged[] = "CONFIRMED s1 b1";
constexpr char kDeclined[] = "CONFIRMED s1 s2 without PAYMENT_DECLINED";
const Point kPoints[] = {
    {"reserve_seats", DIRECTION_ACTION, Service::kSeat, FreezeReserve, kExchanged, kStall + kBox},
    {"charge_payment", DIRECTION_ACTION, Service::kPayment, FreezeCharge, kExchanged,
     kStall + kBox},
    {"confirm_change", DIRECTION_ACTION, Service::kReservation, FreezeConfirm, kExchanged,
     kStall + kBox},
    {"give_back_seats", DIRECTION_ACTION, Service::kSeat, FreezeGiveBack, kExchanged,
     kStall + kBox},
    {"reserve_seats", DIRECTION_COMPENSATION, Service::kSeat, FreezeRelease, kDeclined, 2 * kStall},
    {"begin_change", DIRECTION_COMPENSATION, Service::kReservation, FreezeEndOfUndo, kDeclined,
     2 * kStall},
    {"give_back_seats", DIRECTION_ACTION, Service::kSeat, FreezeGiveBackOfCheaper, "CONFIRMED s1",
     (kStall + kBox) / 2},
    {"give_back_seats", DIRECTION_ACTION, Service::kSeat, FreezeGiveBackOfPart, "CONFIRMED s1",
     kStall + kStall / 2},
    {"pay_back", DIRECTION_ACTION, Service::kPayment, FreezePayBackOfPart, "CONFIRMED s1",
     kStall + kStall / 2},
    {"charge_payment", DIRECTION_COMPENSATION, Service::kPayment, FreezeRefundOfAll, kCancelled,
     (kStall + kBox) / 2},
    {"reserve_seats", DIRECTION_COMPENSATION, Service::kSeat, FreezeReleaseOfAll, kCancelled,
     (kStall + kBox) / 2},
    {"charge_payment", DIRECTION_COMPENSATION, Service::kPayment, FreezeRefundAfterPart, kCancelled,
     kStall},
};
static_assert(std::size(kPoints) == kRows);

void KillAtEveryPoint(Service victim) {
  TestCluster cluster({{Service::kOrchestrator, {"--attempts-max=50"}}});
  MakeHall(cluster);
  int64_t kept_minor = 0;
  int row = 0;
  for (const Point& point : kPoints) {
    CAPTURE(cluster::ProgramOf(victim), point.step, point.direction, point.end);
    const Frozen frozen = point.freeze(cluster, row++);
    REQUIRE(WaitUntilSagaIsAt(cluster, frozen.saga_id, point.step, point.direction));
    cluster->Kill(victim);
    cluster->Resume(point.held_by);  // without effect if that is the one
    const absl::Status restarted = cluster->Start(victim);
    INFO(restarted);
    REQUIRE(restarted.ok());
    CHECK(Describe(frozen.again(cluster.clients())) == point.end);
    CHECK(WaitUntil([&] { return IsAtRest(cluster, frozen.saga_id); }));
    CHECK(Describe(frozen.again(cluster.clients())) == point.end);
    kept_minor += point.kept_minor;
  }
  RequireLedger(cluster, kept_minor);
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("changes of seats survive kill -9 of reservation_svc at every point") {
  KillAtEveryPoint(Service::kReservation);
}

TEST_CASE("changes of seats survive kill -9 of seat_svc at every point") {
  KillAtEveryPoint(Service::kSeat);
}

TEST_CASE("changes of seats survive kill -9 of payment_svc at every point") {
  KillAtEveryPoint(Service::kPayment);
}

TEST_CASE("changes of seats survive kill -9 of the orchestrator at every point") {
  KillAtEveryPoint(Service::kOrchestrator);
}

}  // namespace
}  // namespace seatsaga::integration
