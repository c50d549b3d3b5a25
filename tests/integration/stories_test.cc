// Reservations from the first request to the last word, on four real servers.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/integration/support.h"

namespace seatsaga::integration {
namespace {

struct Story {
  const char* name;
  const char* token;
  std::vector<std::string> seats;
  std::string outcome;
  int seats_taken;
};

TEST_CASE("each kind of reservation ends as it should, and the audit finds nothing") {
  TestCluster cluster;
  MakeEvent(cluster);
  const std::vector<Story> stories = {
      {"paid", "tok_visa", {SeatId(0, 1), SeatId(0, 2)}, "CONFIRMED", 2},
      {"slow provider", "tok_slow_400", {SeatId(1, 1)}, "CONFIRMED", 1},
      {"provider fails twice", "tok_flaky_2", {SeatId(2, 1)}, "CONFIRMED", 1},
      {"charged, answer lost", "tok_timeout_charged", {SeatId(3, 1)}, "CONFIRMED", 1},
      {"request to the provider lost", "tok_timeout_not_charged", {SeatId(4, 1)}, "CONFIRMED", 1},
      {"declined", "tok_declined", {SeatId(5, 1)}, "CANCELLED PAYMENT_DECLINED", 0},
      {"no money", "tok_insufficient_funds", {SeatId(5, 2)}, "CANCELLED INSUFFICIENT_FUNDS", 0},
      {"expired card", "tok_expired_card", {SeatId(5, 3)}, "CANCELLED CARD_EXPIRED", 0},
      {"unknown token", "tok_nonsense", {SeatId(5, 4)}, "CANCELLED INVALID_PAYMENT_TOKEN", 0},
      {"no such seat", "tok_visa", {SeatId(6, 1), "stalls/A/999"}, "CANCELLED SEAT_NOT_FOUND", 0},
      {"seat taken", "tok_visa", {SeatId(6, 2), SeatId(0, 1)}, "CANCELLED SEAT_NOT_AVAILABLE", 0},
  };
  int taken = 0;
  for (const Story& story : stories) {
    CAPTURE(story.name);
    const auto reservation =
        cluster::ReserveUntilFinal(cluster.clients(), Reserve(kEvent, story.seats, story.token));
    CHECK(Outcome(reservation) == story.outcome);
    taken += story.seats_taken;
    CHECK(cluster::AvailableSeats(cluster.clients(), kEvent) == 100 - taken);
  }
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("a reservation at an event that does not exist is cancelled with the reason") {
  TestCluster cluster;
  const auto reservation =
      cluster::ReserveUntilFinal(cluster.clients(), Reserve("no-such-event", {SeatId(0, 1)}));
  CHECK(Outcome(reservation) == "CANCELLED EVENT_NOT_FOUND");
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("the reason of a refusal names the seats") {
  TestCluster cluster;
  MakeEvent(cluster);
  const auto mine = cluster::ReserveUntilFinal(cluster.clients(), Reserve(kEvent, {SeatId(0, 1)}));
  REQUIRE(Outcome(mine) == "CONFIRMED");
  const auto late =
      cluster::ReserveUntilFinal(cluster.clients(), Reserve(kEvent, {SeatId(0, 1), SeatId(0, 2)}));
  REQUIRE(late.ok());
  CHECK(late->message().find(SeatId(0, 1)) != std::string::npos);
  CHECK(late->message().find(SeatId(0, 2)) == std::string::npos);
}

TEST_CASE("the same request_id again returns the same reservation, and charges once") {
  TestCluster cluster;
  MakeEvent(cluster);
  const auto request = Reserve(kEvent, {SeatId(0, 1)});
  const auto first = cluster::ReserveUntilFinal(cluster.clients(), request);
  const auto again = cluster::ReserveUntilFinal(cluster.clients(), request);
  REQUIRE(Outcome(first) == "CONFIRMED");
  REQUIRE(again.ok());
  CHECK(again->SerializeAsString() == first->SerializeAsString());
  const auto payments = cluster->Call(payment::v1::ListPaymentsRequest());
  REQUIRE(payments.ok());
  CHECK(payments->payments_size() == 1);
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("many clients with one request_id make one reservation") {
  TestCluster cluster;
  MakeEvent(cluster);
  const auto request = Reserve(kEvent, {SeatId(0, 1)});
  std::vector<absl::StatusOr<Reservation>> answers(20, absl::UnknownError("none"));
  OnThreads(20, [&](int i) {
    answers[static_cast<size_t>(i)] = cluster::ReserveUntilFinal(cluster.clients(), request);
  });
  for (const auto& answer : answers) {
    CHECK(Outcome(answer) == "CONFIRMED");
    CHECK((answer.ok() && answer->reservation_id() == answers[0]->reservation_id()));
  }
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("of 100 clients contending for 10 seats exactly 10 win, the others are refused") {
  TestCluster cluster;
  MakeEvent(cluster, 1);
  std::vector<std::string> outcomes(100);
  OnThreads(100, [&](int i) {
    outcomes[static_cast<size_t>(i)] = Outcome(cluster::ReserveUntilFinal(
        cluster.clients(), Reserve(kEvent, {SeatId(0, i % 10 + 1)}, "tok_visa", Cat("user-", i))));
  });
  CHECK(std::count(outcomes.begin(), outcomes.end(), "CONFIRMED") == 10);
  CHECK(std::count(outcomes.begin(), outcomes.end(), "CANCELLED SEAT_NOT_AVAILABLE") == 90);
  CHECK(cluster::AvailableSeats(cluster.clients(), kEvent) == 0);
  cluster::RequireCleanAudit(*cluster);
}

// How many calls of this saga have ended without a definite outcome.
int UnknownAttempts(TestCluster& cluster, const std::string& id) {
  const auto saga = cluster::GetSaga(cluster.clients(), id);
  if (!saga.ok()) return 0;
  return static_cast<int>(std::count_if(
      saga->history().begin(), saga->history().end(),
      [](const auto& entry) { return entry.outcome() == saga::v1::OUTCOME_UNKNOWN; }));
}

TEST_CASE("a payment outage delays reservations, and loses none") {
  TestCluster cluster({{Service::kOrchestrator, {"--attempts-max=50"}}});
  MakeEvent(cluster);
  std::ofstream(cluster->OutageFile()) << "down\n";
  std::vector<std::string> ids;
  for (int i = 1; i <= 10; ++i) {
    ids.push_back(SubmitOne(cluster, Reserve(kEvent, {SeatId(0, i)})));
  }
  REQUIRE(WaitUntil([&] { return UnknownAttempts(cluster, ids.back()) >= 1; }));
  for (const auto& id : ids) {
    CHECK(Outcome(cluster::GetReservation(cluster.clients(), id)) == "PENDING");
  }
  std::filesystem::remove(cluster->OutageFile());
  for (const auto& id : ids) {
    CHECK(WaitUntil(
        [&] { return Outcome(cluster::GetReservation(cluster.clients(), id)) == "CONFIRMED"; }));
  }
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("an outage longer than all attempts cancels the reservation and charges nothing") {
  TestCluster cluster({{Service::kOrchestrator, {"--attempts-max=1"}}});
  MakeEvent(cluster);
  std::ofstream(cluster->OutageFile()) << "down\n";
  const std::string id = SubmitOne(cluster, Reserve(kEvent, {SeatId(0, 1)}));
  REQUIRE(WaitUntilSagaIsAt(cluster, id, "charge_payment", DIRECTION_COMPENSATION));
  std::filesystem::remove(cluster->OutageFile());
  REQUIRE(WaitUntil([&] {
    return Outcome(cluster::GetReservation(cluster.clients(), id)).starts_with("CANCELLED");
  }));
  CHECK(cluster::AvailableSeats(cluster.clients(), kEvent) == 100);
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("ListReservations pages and filters by user, event and state") {
  TestCluster cluster;
  MakeEvent(cluster);
  for (int i = 1; i <= 5; ++i) {
    const char* user = i % 2 == 0 ? "even" : "odd";
    const char* token = i == 5 ? "tok_declined" : "tok_visa";
    REQUIRE(
        cluster::ReserveUntilFinal(cluster.clients(), Reserve(kEvent, {SeatId(0, i)}, token, user))
            .ok());
  }
  const auto count = [&](const char* user, reservation::v1::ReservationState state) {
    reservation::v1::ListReservationsRequest request;
    request.set_page_size(1);  // so that pages matter
    request.set_user_id(user);
    request.set_event_id(kEvent);
    request.set_state(state);
    int found = 0;
    do {
      const auto page = cluster->Call(request);
      INFO(page.status());
      REQUIRE(page.ok());
      found += page->reservations_size();
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return found;
  };
  CHECK(count("", reservation::v1::RESERVATION_STATE_UNSPECIFIED) == 5);
  CHECK(count("even", reservation::v1::RESERVATION_STATE_UNSPECIFIED) == 2);
  CHECK(count("odd", RESERVATION_STATE_CONFIRMED) == 2);
  CHECK(count("odd", RESERVATION_STATE_CANCELLED) == 1);
  CHECK(count("nobody", reservation::v1::RESERVATION_STATE_UNSPECIFIED) == 0);
}

}  // namespace
}  // namespace seatsaga::integration
