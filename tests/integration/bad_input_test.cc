// What bad input gets: for every RPC, the status, the ErrorInfo's reason and the field it names.
// Nothing is stored, and the server goes on.
#include <algorithm>
#include <functional>
#include <utility>

#include "absl/synchronization/notification.h"
#include "common/errors.h"
#include "tests/integration/bad_input_rows.h"

namespace seatsaga::integration {
namespace {

bool Names(const absl::Status& status, const std::string& field) {
  const auto violations = FieldViolationsOf(status);
  return std::any_of(violations.begin(), violations.end(),
                     [&](const auto& violation) { return violation.first == field; });
}

void RequireAllServing(TestCluster& cluster) {
  for (const Service service : cluster::kServices) {
    const auto serving = cluster.clients().Serving(service);
    CAPTURE(cluster::ProgramOf(service), serving.status());
    REQUIRE(serving.ok());
    CHECK(*serving);
  }
}

// Nothing came of the bad requests, and a good one is served.
void RequireUnharmed(TestCluster& cluster) {
  RequireAllServing(cluster);
  const auto events = cluster->Call(seat::v1::ListEventsRequest());
  REQUIRE(events.ok());
  CHECK(events->events_size() == 1);
  const auto reservations = cluster->Call(reservation::v1::ListReservationsRequest());
  CHECK((reservations.ok() && reservations->reservations().empty()));
  const auto payments = cluster->Call(payment::v1::ListPaymentsRequest());
  CHECK((payments.ok() && payments->payments().empty()));
  const auto sagas = cluster->Call(orchestrator::v1::ListSagasRequest());
  CHECK((sagas.ok() && sagas->sagas().empty()));
  CHECK(cluster::AvailableSeats(cluster.clients(), kEvent) == 100);
  CHECK(Outcome(cluster::ReserveUntilFinal(cluster.clients(), Reserve(kEvent, {SeatId(0, 1)}))) ==
        "CONFIRMED");
  cluster::RequireCleanAudit(*cluster);
}

void CheckRow(TestCluster& cluster, const Row& row) {
  absl::Status status;
  // An orchestrator that has just started takes its participants first.
  REQUIRE(WaitUntil([&] {
    status = row.send(cluster.clients());
    return !absl::IsUnavailable(status);
  }));
  CAPTURE(row.name, status);
  CHECK(status.code() == row.code);
  CHECK(ReasonOf(status) == row.reason);
  CHECK((row.field.empty() || Names(status, row.field)));
  CHECK(!status.message().empty());
}

TEST_CASE("bad input gets a status, a reason and the field's name, and changes nothing") {
  TestCluster cluster;
  MakeEvent(cluster);
  for (const Row& row : AllRows()) CheckRow(cluster, row);
  RequireUnharmed(cluster);
}

Reservation Settled(const absl::StatusOr<Reservation>& answer, std::string_view outcome) {
  INFO(answer.status());
  REQUIRE(Outcome(answer) == outcome);
  return *answer;
}

Subjects MakeSubjects(TestCluster& cluster) {
  Clients& clients = cluster.clients();
  const auto hold = [&](int seat, absl::Duration duration) {
    return Settled(SendUntilSettled(clients, Hold(kEvent, {SeatId(0, seat)}, duration)), "HELD");
  };
  const Reservation short_lived = hold(1, absl::Seconds(1));
  Subjects subjects;
  subjects.held = hold(2, absl::Minutes(1));
  Settled(SendUntilAnswered(clients, Extend(subjects.held.reservation_id(), absl::Minutes(10))),
          "HELD");
  subjects.paid = Settled(
      SendUntilSettled(clients, Pay(hold(3, absl::Minutes(10)).reservation_id())), "CONFIRMED");
  subjects.pay_now =
      Settled(cluster::ReserveUntilFinal(clients, Reserve(kEvent, {SeatId(0, 4)})), "CONFIRMED");
  subjects.cancellation = Cancel(hold(5, absl::Minutes(10)).reservation_id());
  subjects.cancelled =
      Settled(SendUntilSettled(clients, subjects.cancellation), "CANCELLED CANCELLED_BY_CLIENT");
  REQUIRE(WaitUntilOutcome(cluster, short_lived.reservation_id(), "CANCELLED HOLD_EXPIRED"));
  subjects.expired = short_lived;
  return subjects;
}

// A reservation may come to its end a little earlier than its saga.
bool NoSagaMoves(TestCluster& cluster) {
  for (const auto state :
       {orchestrator::v1::SAGA_STATE_RUNNING, orchestrator::v1::SAGA_STATE_COMPENSATING}) {
    orchestrator::v1::ListSagasRequest request;
    request.set_state(state);
    const auto moving = cluster->Call(request);
    if (!moving.ok() || moving->sagas_size() > 0) return false;
  }
  return true;
}

// All that the services have stored of reservations.
std::string Stored(TestCluster& cluster) {
  const auto reservations = cluster->Call(reservation::v1::ListReservationsRequest());
  const auto sagas = cluster->Call(orchestrator::v1::ListSagasRequest());
  const auto payments = cluster->Call(payment::v1::ListPaymentsRequest());
  REQUIRE(reservations.ok());
  REQUIRE(sagas.ok());
  REQUIRE(payments.ok());
  return Cat(reservations->DebugString(), sagas->DebugString(), payments->DebugString());
}

TEST_CASE("what a reservation's state does not allow is refused, and changes nothing") {
  TestCluster cluster({{Service::kReservation, {"--hold-min-s=1"}}});
  MakeEvent(cluster);
  const Subjects subjects = MakeSubjects(cluster);
  REQUIRE(WaitUntil([&] { return NoSagaMoves(cluster); }));
  const std::string before = Stored(cluster);
  for (const Row& row : RefusedChangeRows(subjects)) CheckRow(cluster, row);
  CHECK(Stored(cluster) == before);

  // The cancellation that was accepted is no bad input, however often it is sent.
  CHECK(Outcome(SendUntilAnswered(cluster.clients(), subjects.cancellation)) ==
        "CANCELLED CANCELLED_BY_CLIENT");
  const std::string& held = subjects.held.reservation_id();
  auto announced = Cancel(held);
  announced.set_validate_only(true);
  CHECK(Outcome(SendUntilAnswered(cluster.clients(), announced)) == "CANCELLING");
  CHECK(Stored(cluster) == before);
  CHECK(Outcome(SendUntilSettled(cluster.clients(), Pay(held))) == "CONFIRMED");
  cluster::RequireCleanAudit(*cluster);
}

// Calls CreateReservation with whatever message.
absl::Status SendRaw(Clients& clients, const google::protobuf::Message& message,
                     absl::Duration deadline = Clients::kDeadline) {
  reservation::v1::CreateReservationResponse response;
  absl::Status status;
  absl::Notification done;
  clients.ChannelTo(Service::kReservation)
      .CallRaw(reservation::kCreateReservation.info(), message, deadline, &response,
               [&](absl::Status ended) {
                 status = std::move(ended);
                 done.Notify();
               });
  done.WaitForNotification();
  return status;
}

TEST_CASE("messages that are malformed, too large or without a deadline are refused") {
  TestCluster cluster;
  MakeEvent(cluster);
  Clients& clients = cluster.clients();
  const auto good = Reserve(kEvent, {SeatId(0, 1)});

  const absl::Status endless = SendRaw(clients, good, absl::InfiniteDuration());
  CHECK(absl::IsInvalidArgument(endless));
  CHECK(ReasonOf(endless) == "DEADLINE_REQUIRED");

  auto large = good;
  large.set_user_id(std::string(2 << 20, 'u'));
  const absl::Status too_large = SendRaw(clients, large);
  CHECK(absl::IsInvalidArgument(too_large));
  CHECK(ReasonOf(too_large) == "MESSAGE_TOO_LARGE");

  auto huge = good;
  huge.set_user_id(std::string(32 << 20, 'u'));
  CHECK(absl::IsResourceExhausted(SendRaw(clients, huge)));

  // Field 1 is text in the request and a message here: its bytes are no UTF-8.
  seat::v1::ReserveSeatsResponse other_type;
  other_type.mutable_result()->mutable_result()->mutable_amount()->set_amount_minor(-1);
  const absl::Status malformed = SendRaw(clients, other_type);
  CHECK(absl::IsInvalidArgument(malformed));
  CHECK(ReasonOf(malformed) == "MALFORMED_MESSAGE");

  RequireUnharmed(cluster);
}

TEST_CASE("the same request_id with another body is an error, and changes nothing") {
  TestCluster cluster;
  MakeEvent(cluster);
  const auto request = Reserve(kEvent, {SeatId(0, 1)});
  const auto first = cluster::ReserveUntilFinal(cluster.clients(), request);
  REQUIRE(Outcome(first) == "CONFIRMED");
  const std::function<void(CreateReservationRequest&)> changes[] = {
      [](CreateReservationRequest& r) { r.set_user_id("mallory"); },
      [](CreateReservationRequest& r) { r.set_event_id("other"); },
      [](CreateReservationRequest& r) { r.mutable_items(0)->set_seat(SeatId(0, 2)); },
      [](CreateReservationRequest& r) { r.set_payment_token("tok_mastercard"); }};
  for (const auto& change : changes) {
    auto other = request;
    change(other);
    const auto answer = cluster::Submit(cluster.clients(), other);
    CAPTURE(other.ShortDebugString());
    CHECK(absl::IsInvalidArgument(answer.status()));
    CHECK(!ReasonOf(answer.status()).empty());
  }
  CHECK(cluster::AvailableSeats(cluster.clients(), kEvent) == 99);
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("an event of the same id is returned if it is the same, and an error if it differs") {
  TestCluster cluster;
  const auto request = ValidEvent();
  const auto first = cluster->Call(request);
  const auto again = cluster->Call(request);
  REQUIRE(first.ok());
  REQUIRE(again.ok());
  CHECK(again->SerializeAsString() == first->SerializeAsString());
  auto other = request;
  other.mutable_event()->set_display_name("Another");
  const auto differs = cluster->Call(other);
  CHECK(absl::IsAlreadyExists(differs.status()));
  CHECK(ReasonOf(differs.status()) == "EVENT_DIFFERS");
}

}  // namespace
}  // namespace seatsaga::integration
