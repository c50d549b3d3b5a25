// Hold, pay later, extend, cancel: on four real servers, which die on the way.
#include "tests/integration/changes.h"

namespace seatsaga::integration {
namespace {

constexpr absl::Duration kLong = absl::Minutes(10);
constexpr absl::Duration kShort = absl::Seconds(1);

// Calls that are cut off by crashes use up attempts; these tests are not about giving up.
TestCluster::Flags ShortHolds() {
  return {{Service::kReservation, {"--hold-min-s=1"}},
          {Service::kOrchestrator, {"--attempts-max=50"}}};
}

void KillAll(TestCluster& cluster) {
  for (const Service service : cluster::kServices) cluster->Kill(service);
}

void RequireStarts(TestCluster& cluster, Service service) {
  const absl::Status started = cluster->Start(service);
  INFO(cluster::ProgramOf(service) << ": " << started);
  REQUIRE(started.ok());
}

void RequireStartsAll(TestCluster& cluster) {
  const absl::Status started = cluster->StartAll();
  INFO(started);
  REQUIRE(started.ok());
}

int Available(TestCluster& cluster) { return cluster::AvailableSeats(cluster.clients(), kEvent); }

absl::Time ExpiryOf(TestCluster& cluster, const std::string& id) {
  const auto reservation = cluster::GetReservation(cluster.clients(), id);
  INFO(reservation.status());
  REQUIRE(reservation.ok());
  return FromProto(reservation->expire_time());
}

// --- Payments

TEST_CASE("a hold is charged only when it is paid for, and then confirmed") {
  TestCluster cluster;
  MakeEvent(cluster);
  const auto request = Hold(kEvent, {SeatId(0, 1), SeatId(0, 2)}, kLong);
  const auto held = SendUntilSettled(cluster.clients(), request);
  REQUIRE(Outcome(held) == "HELD");
  CHECK(held->price().amount_minor() == 2 * cluster::kSeatPriceMinor);
  CHECK(FromProto(held->expire_time()) > FromProto(held->create_time()));
  CHECK(Available(cluster) == 98);
  const std::string& id = held->reservation_id();
  CHECK(absl::IsNotFound(cluster::GetPayment(cluster.clients(), id).status()));

  const auto pay = Pay(id);
  CHECK(Outcome(SendUntilSettled(cluster.clients(), pay)) == "CONFIRMED");
  // Both requests again: the same reservation, and nothing more is charged.
  CHECK(Outcome(SendUntilSettled(cluster.clients(), pay)) == "CONFIRMED");
  CHECK(Outcome(SendUntilSettled(cluster.clients(), request)) == "CONFIRMED");
  CHECK(Refusal(SendUntilAnswered(cluster.clients(), Pay(id)).status()) ==
        "FAILED_PRECONDITION ALREADY_PAID");
  RequireLedger(cluster, 2 * cluster::kSeatPriceMinor);
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("a card that is declined leaves the hold, and a second card pays for it") {
  TestCluster cluster;
  MakeEvent(cluster);
  const std::string id = HoldOne(cluster, Hold(kEvent, {SeatId(0, 1)}, kLong));
  const auto first = Pay(id, "tok_insufficient_funds");
  const auto declined = SendUntilSettled(cluster.clients(), first);
  REQUIRE(Outcome(declined) == "HELD");
  CHECK(declined->payment_failure().reason() == "INSUFFICIENT_FUNDS");
  CHECK(Available(cluster) == 99);

  const auto paid = SendUntilSettled(cluster.clients(), Pay(id));
  REQUIRE(Outcome(paid) == "CONFIRMED");
  CHECK(!paid->has_payment_failure());
  // The first request again is not a second try.
  CHECK(Outcome(SendUntilSettled(cluster.clients(), first)) == "CONFIRMED");
  RequireLedger(cluster, cluster::kSeatPriceMinor);
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("the fifth card that is declined ends the hold") {
  TestCluster cluster;
  MakeEvent(cluster);
  const std::string id = HoldOne(cluster, Hold(kEvent, {SeatId(0, 1)}, kLong));
  for (int i = 1; i <= 4; ++i) {
    CHECK(Outcome(SendUntilSettled(cluster.clients(), Pay(id, "tok_declined"))) == "HELD");
  }
  CHECK(Outcome(SendUntilSettled(cluster.clients(), Pay(id, "tok_declined"))) ==
        "CANCELLED PAYMENT_DECLINED");
  CHECK(Available(cluster) == 100);
  RequireLedger(cluster, 0);
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("a payment accepted while the orchestrator is dead is charged exactly once") {
  TestCluster cluster(ShortHolds());
  MakeEvent(cluster);
  const std::string id = HoldOne(cluster, Hold(kEvent, {SeatId(0, 1)}, kLong));
  cluster->Kill(Service::kOrchestrator);
  const auto pay = Pay(id);
  CHECK(Outcome(SendUntilAnswered(cluster.clients(), pay)) == "PENDING");
  cluster->Kill(Service::kReservation);  // what was accepted must survive too
  RequireStarts(cluster, Service::kReservation);
  CHECK(Outcome(SendUntilAnswered(cluster.clients(), pay)) == "PENDING");
  RequireStarts(cluster, Service::kOrchestrator);
  CHECK(Outcome(SendUntilSettled(cluster.clients(), pay)) == "CONFIRMED");
  RequireLedger(cluster, cluster::kSeatPriceMinor);
  cluster::RequireCleanAudit(*cluster);
}

// --- Expiry

// A hold expires while `victims` are dead, and is undone when they are back.
void RequireExpiresWithout(const std::vector<Service>& victims) {
  TestCluster cluster(ShortHolds());
  MakeEvent(cluster);
  const std::string id = HoldOne(cluster, Hold(kEvent, {SeatId(0, 1)}, kShort));
  const absl::Time expiry = ExpiryOf(cluster, id);
  for (const Service victim : victims) cluster->Kill(victim);
  REQUIRE(WaitUntil([&] { return absl::Now() > expiry; }));
  for (const Service victim : victims) RequireStarts(cluster, victim);
  CHECK(WaitUntilOutcome(cluster, id, "CANCELLED HOLD_EXPIRED"));
  CHECK(Refusal(SendUntilAnswered(cluster.clients(), Pay(id)).status()) ==
        "FAILED_PRECONDITION HOLD_EXPIRED");
  CHECK(Available(cluster) == 100);
  RequireLedger(cluster, 0);
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("a hold that expires while the orchestrator is dead is undone when it is back") {
  RequireExpiresWithout({Service::kOrchestrator});
}

TEST_CASE("a hold that expires while everything is dead is undone when everything is back") {
  RequireExpiresWithout({std::begin(cluster::kServices), std::end(cluster::kServices)});
}

TEST_CASE("a hold survives kill -9 of every process in turn and of all, and is paid for then") {
  TestCluster cluster(ShortHolds());
  MakeEvent(cluster);
  const std::string id = HoldOne(cluster, Hold(kEvent, {SeatId(0, 1)}, kLong));
  const absl::Time expiry = ExpiryOf(cluster, id);
  for (const Service service : cluster::kServices) {
    cluster->Kill(service);
    RequireStarts(cluster, service);
    CHECK(OutcomeOf(cluster, id) == "HELD");
  }
  KillAll(cluster);
  RequireStartsAll(cluster);
  CHECK(OutcomeOf(cluster, id) == "HELD");
  CHECK(ExpiryOf(cluster, id) == expiry);
  CHECK(Outcome(SendUntilSettled(cluster.clients(), Pay(id))) == "CONFIRMED");
  RequireLedger(cluster, cluster::kSeatPriceMinor);
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("an extension survives kill -9 of the orchestrator") {
  TestCluster cluster(ShortHolds());
  MakeEvent(cluster);
  const std::string id = HoldOne(cluster, Hold(kEvent, {SeatId(0, 1)}, kShort));
  // Expires later than the first one would have.
  const std::string other = HoldOne(cluster, Hold(kEvent, {SeatId(0, 2)}, kShort));
  const auto extended = SendUntilAnswered(cluster.clients(), Extend(id, kLong));
  REQUIRE(Outcome(extended) == "HELD");
  CHECK(FromProto(extended->expire_time()) > ExpiryOf(cluster, other));
  cluster->Kill(Service::kOrchestrator);
  RequireStarts(cluster, Service::kOrchestrator);

  REQUIRE(WaitUntilOutcome(cluster, other, "CANCELLED HOLD_EXPIRED"));
  CHECK(OutcomeOf(cluster, id) == "HELD");
  CHECK(ExpiryOf(cluster, id) == FromProto(extended->expire_time()));
  CHECK(Outcome(SendUntilSettled(cluster.clients(), Pay(id))) == "CONFIRMED");
  cluster::RequireCleanAudit(*cluster);
}

// --- Cancellations

// Cancels a reservation whose charge is under way.
void RequireAllIsUndone(TestCluster& cluster, const std::string& id) {
  REQUIRE(WaitUntilSagaIsAt(cluster, id, "charge_payment"));
  const auto cancel = Cancel(id);
  const auto accepted = SendUntilAnswered(cluster.clients(), cancel);
  CHECK(Outcome(accepted) == "CANCELLING");
  CHECK((accepted.ok() && !accepted->has_refund()));
  CHECK(Outcome(SendUntilSettled(cluster.clients(), cancel)) == "CANCELLED CANCELLED_BY_CLIENT");
  CHECK(Available(cluster) == 100);
  RequireLedger(cluster, 0);
}

TEST_CASE("a cancellation before the confirmation pays back all that a slow card was charged") {
  TestCluster cluster;
  MakeEvent(cluster);
  const char* const card = "tok_slow_500";
  RequireAllIsUndone(cluster, SubmitOne(cluster, Reserve(kEvent, {SeatId(0, 1)}, card)));
  const std::string hold = HoldOne(cluster, Hold(kEvent, {SeatId(0, 2)}, kLong));
  REQUIRE(Outcome(SendUntilAnswered(cluster.clients(), Pay(hold, card))) == "PENDING");
  RequireAllIsUndone(cluster, hold);
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("the cancellation of a hold gives the seats back, and it can no longer be paid for") {
  TestCluster cluster;
  MakeEvent(cluster);
  const std::string id = HoldOne(cluster, Hold(kEvent, {SeatId(0, 1)}, kLong));
  CHECK(Outcome(SendUntilSettled(cluster.clients(), Cancel(id))) ==
        "CANCELLED CANCELLED_BY_CLIENT");
  CHECK(Refusal(SendUntilAnswered(cluster.clients(), Pay(id)).status()) ==
        "FAILED_PRECONDITION RESERVATION_CANCELLED");
  CHECK(Available(cluster) == 100);
  CHECK(absl::IsNotFound(cluster::GetPayment(cluster.clients(), id).status()));
  cluster::RequireCleanAudit(*cluster);
}

constexpr int64_t kOddPriceMinor = 2501;

// What a cancellation pays back of that price.
struct Refund {
  const char* event_id;
  Terms terms;
  int64_t refund_minor;
};

const Terms kNoTerms;
const std::vector<std::pair<absl::Duration, int>> kRules = {{absl::Hours(168), 100},
                                                            {absl::Hours(24), 50}};
const Refund kHalf = {"in-days", {absl::Hours(48), kRules}, 1250};
const Refund kRefunds[] = {
    {"no-terms", kNoTerms, 2501},
    {"no-rules", {absl::Hours(48), {}}, 2501},
    {"in-weeks", {absl::Hours(240), kRules}, 2501},
    kHalf,
    {"in-hours", {absl::Hours(23), kRules}, 0},
};

// Pays for a seat of an event of that price; the CONFIRMED reservation.
Reservation BuySeat(TestCluster& cluster, std::string_view event_id, const Terms& terms) {
  MakeEventWith(cluster, event_id, terms, /*rows=*/1, kOddPriceMinor);
  const auto confirmed =
      cluster::ReserveUntilFinal(cluster.clients(), Reserve(event_id, {SeatId(0, 1)}));
  INFO(confirmed.status());
  REQUIRE(Outcome(confirmed) == "CONFIRMED");
  return *confirmed;
}

TEST_CASE("a cancellation after the confirmation pays back what the event's terms say") {
  TestCluster cluster;
  int64_t kept = 0;
  for (const Refund& refund : kRefunds) {
    CAPTURE(refund.event_id);
    const Reservation confirmed = BuySeat(cluster, refund.event_id, refund.terms);
    const std::string& id = confirmed.reservation_id();

    auto cancel = Cancel(id);
    cancel.set_etag(confirmed.etag());
    cancel.set_validate_only(true);
    const auto announced = SendUntilAnswered(cluster.clients(), cancel);
    CHECK(Outcome(announced) == "CANCELLING");
    CHECK((announced.ok() && announced->refund().amount_minor() == refund.refund_minor));
    CHECK(OutcomeOf(cluster, id) == "CONFIRMED");

    cancel.set_validate_only(false);
    const auto cancelled = SendUntilSettled(cluster.clients(), cancel);
    REQUIRE(Outcome(cancelled) == "CANCELLED CANCELLED_BY_CLIENT");
    CHECK(cancelled->refund().amount_minor() == refund.refund_minor);
    CHECK(KeptMinor(cluster, id) == kOddPriceMinor - refund.refund_minor);
    CHECK(cluster::AvailableSeats(cluster.clients(), refund.event_id) == 10);
    kept += kOddPriceMinor - refund.refund_minor;
  }
  RequireLedger(cluster, kept);
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("a reservation for an event that has started can no longer be cancelled") {
  TestCluster cluster;
  const Reservation confirmed = BuySeat(cluster, kEvent, {.starts_in = absl::Seconds(4)});
  const std::string& id = confirmed.reservation_id();
  auto cancel = Cancel(id);
  cancel.set_validate_only(true);
  absl::StatusOr<Reservation> answer = absl::UnknownError("not sent");
  REQUIRE(WaitUntil([&] {
    answer = SendUntilAnswered(cluster.clients(), cancel);
    return !answer.ok();
  }));
  CHECK(Refusal(answer.status()) == "FAILED_PRECONDITION EVENT_STARTED");
  cancel.set_validate_only(false);
  CHECK(Refusal(SendUntilAnswered(cluster.clients(), cancel).status()) ==
        "FAILED_PRECONDITION EVENT_STARTED");
  CHECK(OutcomeOf(cluster, id) == "CONFIRMED");
  RequireLedger(cluster, kOddPriceMinor);
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("a cancellation accepted while the orchestrator is dead pays back exactly once") {
  TestCluster cluster(ShortHolds());
  const std::string id = BuySeat(cluster, kHalf.event_id, kHalf.terms).reservation_id();
  cluster->Kill(Service::kOrchestrator);
  const auto cancel = Cancel(id);
  CHECK(Outcome(SendUntilAnswered(cluster.clients(), cancel)) == "CANCELLING");
  cluster->Kill(Service::kReservation);  // what was accepted must survive too
  RequireStarts(cluster, Service::kReservation);
  RequireStarts(cluster, Service::kOrchestrator);
  CHECK(Outcome(SendUntilSettled(cluster.clients(), cancel)) == "CANCELLED CANCELLED_BY_CLIENT");
  CHECK(KeptMinor(cluster, id) == kOddPriceMinor - kHalf.refund_minor);
  RequireLedger(cluster, kOddPriceMinor - kHalf.refund_minor);
  cluster::RequireCleanAudit(*cluster);
}

}  // namespace
}  // namespace seatsaga::integration
