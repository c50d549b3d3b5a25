// What an operator sees and does when a saga cannot go on by itself.
#include <filesystem>
#include <fstream>

#include "cluster/audit.h"
#include "tests/integration/support.h"

namespace seatsaga::integration {
namespace {

// Runs sagactl and demands that it succeeds; its output.
std::string Sagactl(TestCluster& cluster, const std::vector<std::string>& arguments) {
  const auto finished = cluster->Sagactl(arguments);
  INFO(finished.status());
  REQUIRE(finished.ok());
  CAPTURE(finished->out, finished->err);
  REQUIRE(finished->status == cluster::ExitStatus{});
  return finished->out;
}

bool NeedsAttention(TestCluster& cluster, const std::string& id) {
  const auto saga = cluster::GetSaga(cluster.clients(), id);
  return saga.ok() && saga->needs_attention();
}

TEST_CASE("a refund that keeps failing is flagged, still retried, and heals on sagactl retry") {
  TestCluster cluster({{Service::kOrchestrator, {"--attempts-max=1"}}});
  MakeEvent(cluster);
  std::ofstream(cluster->OutageFile()) << "down\n";
  const std::string id = SubmitOne(cluster, Reserve(kEvent, {SeatId(0, 1)}));
  // The charge is unknown, so it is undone; the refund does not get through either.
  REQUIRE(WaitUntil([&] { return NeedsAttention(cluster, id); }));
  CHECK(cluster::SagaIsAt(cluster.clients(), id, "charge_payment", DIRECTION_COMPENSATION));
  CHECK(Sagactl(cluster, {"list", "--attention"}).find(id) != std::string::npos);
  CHECK(Sagactl(cluster, {"show", id}).find("charge_payment") != std::string::npos);

  std::filesystem::remove(cluster->OutageFile());
  Sagactl(cluster, {"retry", id});
  REQUIRE(WaitUntil([&] {
    const auto saga = cluster::GetSaga(cluster.clients(), id);
    return saga.ok() && saga->state() == orchestrator::v1::SAGA_STATE_COMPENSATED;
  }));
  CHECK(Sagactl(cluster, {"list", "--attention"}).find(id) == std::string::npos);
  CHECK(cluster::AvailableSeats(cluster.clients(), kEvent) == 100);
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("a refund that the provider refuses parks the saga, with its seat still held") {
  TestCluster cluster({{Service::kPayment, {"--provider-latency-ms=300"}}});
  MakeEvent(cluster);
  const std::string id = SubmitOne(cluster, Reserve(kEvent, {SeatId(0, 1)}, "tok_refund_refused"));
  REQUIRE(WaitUntilSagaIsAt(cluster, id, "charge_payment"));
  Sagactl(cluster, {"compensate", id});
  const auto parked = [&] {
    const auto saga = cluster::GetSaga(cluster.clients(), id);
    return saga.ok() && saga->state() == orchestrator::v1::SAGA_STATE_PARKED;
  };
  REQUIRE(WaitUntil(parked));
  const auto saga = cluster::GetSaga(cluster.clients(), id);
  CHECK(saga->needs_attention());
  CHECK(saga->reason() == "REFUND_REFUSED");
  CHECK(!saga->next_action().empty());
  CHECK(Sagactl(cluster, {"list", "--attention"}).find(id) != std::string::npos);
  CHECK(Outcome(cluster::GetReservation(cluster.clients(), id)) == "PENDING");
  CHECK(cluster::AvailableSeats(cluster.clients(), kEvent) == 99);

  // It is still parked after a restart, and a parked saga is a warning, not a finding.
  cluster->Kill(Service::kOrchestrator);
  REQUIRE(cluster->Start(Service::kOrchestrator) == absl::OkStatus());
  REQUIRE(WaitUntil(parked));
  const auto report = cluster::AuditQuiescent(*cluster);
  INFO(report.status());
  REQUIRE(report.ok());
  CHECK(report->findings == std::vector<std::string>{});
  CHECK(report->warnings.size() == 1);
}

std::string BuyTwo(TestCluster& cluster, std::string_view token = "tok_visa") {
  const auto bought = cluster::ReserveUntilFinal(
      cluster.clients(), Reserve(kEvent, {SeatId(0, 1), SeatId(0, 2)}, token));
  REQUIRE(Outcome(bought) == "CONFIRMED");
  return bought->reservation_id();
}

TEST_CASE("a partial refund that the provider refuses parks its saga, and later ones wait for it") {
  TestCluster cluster;
  MakeEvent(cluster);
  const std::string id = BuyTwo(cluster, "tok_refund_refused");
  const auto part = cluster->Call(cluster::CancelSeats(id, {SeatId(0, 2)}));
  REQUIRE(part.ok());
  const std::string saga_id = part->reservation().change().saga_id();
  const auto parked = [&] {
    const auto saga = cluster::GetSaga(cluster.clients(), saga_id);
    return saga.ok() && saga->state() == orchestrator::v1::SAGA_STATE_PARKED;
  };
  REQUIRE(WaitUntil(parked));
  CHECK(cluster::GetSaga(cluster.clients(), saga_id)->reason() == "REFUND_REFUSED");
  CHECK(cluster::AvailableSeats(cluster.clients(), kEvent) == 99);
  const auto after = cluster::GetReservation(cluster.clients(), id);
  CHECK(Outcome(after) == "CONFIRMED");
  CHECK(after->seat_ids_size() == 1);
  CHECK(Sagactl(cluster, {"list", "--attention"}).find(saga_id) != std::string::npos);
  const auto compensated = cluster->Sagactl({"compensate", saga_id});
  REQUIRE(compensated.ok());
  CHECK(compensated->status.code == 64 + 9);  // FAILED_PRECONDITION: it is past its pivot

  // The cancellation of the rest is accepted, and waits for the operator too.
  const auto rest = cluster->Call(cluster::Cancel(id));
  REQUIRE(rest.ok());
  Sagactl(cluster, {"retry", saga_id});
  REQUIRE(WaitUntil(parked));
  CHECK(Outcome(cluster::GetReservation(cluster.clients(), id)) == "CANCELLING");
  const auto report = cluster::AuditQuiescent(*cluster);
  INFO(report.status());
  REQUIRE(report.ok());
  CHECK(report->findings == std::vector<std::string>{});
  REQUIRE(report->warnings.size() == 1);
}

TEST_CASE("an operator's compensation undoes a change that is under way") {
  TestCluster cluster;
  MakeEvent(cluster);
  const std::string id = BuyTwo(cluster);
  const auto request =
      cluster::Exchange(id, {SeatId(0, 2)}, {SeatId(0, 3), SeatId(0, 4)}, "tok_slow_20000");
  const auto begun = cluster->Call(request);
  REQUIRE(begun.ok());
  const std::string saga_id = begun->reservation().change().saga_id();
  REQUIRE(WaitUntilSagaIsAt(cluster, saga_id, "charge_payment"));
  Sagactl(cluster, {"compensate", saga_id});
  REQUIRE(WaitUntil(
      [&] { return Outcome(cluster::GetReservation(cluster.clients(), id)) == "CONFIRMED"; }));
  const auto after = cluster::GetReservation(cluster.clients(), id);
  CHECK(after->change_failure().reason() == "CANCELLED_BY_OPERATOR");
  CHECK(after->seat_ids_size() == 2);
  CHECK(after->saga_id() == id);
  CHECK(cluster::AvailableSeats(cluster.clients(), kEvent) == 98);
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("an operator's compensation undoes a reservation that is under way") {
  TestCluster cluster;
  MakeEvent(cluster);
  const auto request = Reserve(kEvent, {SeatId(0, 1)}, "tok_slow_20000");
  const std::string id = SubmitOne(cluster, request);
  REQUIRE(WaitUntilSagaIsAt(cluster, id, "charge_payment"));
  Sagactl(cluster, {"compensate", id});
  const auto reservation = cluster::ReserveUntilFinal(cluster.clients(), request);
  REQUIRE(reservation.ok());
  CHECK(reservation->state() == RESERVATION_STATE_CANCELLED);
  CHECK(cluster::AvailableSeats(cluster.clients(), kEvent) == 100);
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("a confirmed reservation's saga can be neither retried nor compensated") {
  TestCluster cluster;
  MakeEvent(cluster);
  const auto reservation =
      cluster::ReserveUntilFinal(cluster.clients(), Reserve(kEvent, {SeatId(0, 1)}));
  REQUIRE(Outcome(reservation) == "CONFIRMED");
  for (const char* command : {"retry", "compensate"}) {
    CAPTURE(command);
    const auto finished = cluster->Sagactl({command, reservation->reservation_id()});
    REQUIRE(finished.ok());
    CHECK(finished->status.code == 64 + 9);  // FAILED_PRECONDITION
  }
  CHECK(Outcome(cluster::GetReservation(cluster.clients(), reservation->reservation_id())) ==
        "CONFIRMED");
}

}  // namespace
}  // namespace seatsaga::integration
