// Some seats of a confirmed reservation are given back or exchanged, with the four real nodes.
#include <catch2/catch.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/errors.h"
#include "common/text.h"
#include "tests/unit/world/event_reader.h"
#include "tests/unit/world/four_services.h"

namespace seatsaga::testing {
namespace {

using reservation::v1::RESERVATION_STATE_CANCELLED;
using reservation::v1::RESERVATION_STATE_CHANGING;
using reservation::v1::RESERVATION_STATE_CONFIRMED;
using Seats = std::vector<std::string>;

// A confirmed reservation, and what becomes of it.
class Order {
 public:
  explicit Order(const Seats& seats, std::optional<int> refund_percent = std::nullopt)
      : all(Engine::kModel, refund_percent) {
    const auto made = all.Reserve(seats, "tok_visa");
    all.world.Advance(absl::Seconds(1));
    REQUIRE(made.answered());
    REQUIRE(made->ok());
    REQUIRE((*made)->reservation().state() == RESERVATION_STATE_CONFIRMED);
    id = (*made)->reservation().reservation_id();
  }

  // As its client hears of it.
  template <class Request>
  absl::StatusOr<reservation::v1::Reservation> Do(Request request) {
    const auto answer = all.Send(request);
    all.world.Advance(absl::Seconds(30));
    REQUIRE(answer.answered());
    if (!answer->ok()) return answer->status();
    return (*answer)->reservation();
  }
  template <class Request>
  std::string WhyNot(const Request& request) {
    return std::string(ReasonOf(Do(request).status()));
  }
  reservation::v1::Reservation Now() { return all.Reservation(id); }
  Seats SeatsNow() {
    const auto now = Now();
    return {now.seat_ids().begin(), now.seat_ids().end()};
  }
  // What payment_svc says of its payments: captured and refunded.
  std::vector<std::pair<int64_t, int64_t>> Payments() {
    payment::v1::ListPaymentsRequest request;
    request.set_reservation_id(id);
    std::vector<std::pair<int64_t, int64_t>> payments;
    const auto page = all.world.CallNow("payment_svc", payment::kListPayments, request);
    for (const auto& one : page->payments()) {
      CHECK(one.reservation_id() == id);
      payments.emplace_back(one.amount().amount_minor(), one.refunded().amount_minor());
    }
    return payments;
  }
  // It has these seats and no others, paid for with so much.
  void Check(const Seats& seats, int64_t price_minor, int64_t held_minor) {
    CHECK(Now().state() == RESERVATION_STATE_CONFIRMED);
    CHECK(SeatsNow() == seats);
    CHECK(Now().price().amount_minor() == price_minor);
    CHECK(SeatsHeld() == std::set(seats.begin(), seats.end()));
    CHECK(all.Held() == held_minor);
  }
  std::set<std::string> SeatsHeld() {
    seat::v1::ListSeatsRequest request;
    request.set_event_id("hamlet");
    request.set_state(seat::v1::SEAT_STATE_RESERVED);
    std::set<std::string> held;
    const auto page = all.world.CallNow("seat_svc", seat::kListSeats, request);
    for (const auto& seat : page->seats()) {
      if (seat.reservation_id() == id) held.insert(seat.seat_id());
    }
    return held;
  }

  FourServices all;
  std::string id;
};

TEST_CASE("exchange: dearer seats cost the difference, and the old ones are free again") {
  Order order({"stalls/A/1", "stalls/A/2"});
  const auto done = order.Do(
      order.all.Exchange(order.id, {"stalls/A/2"}, {"boxes/A/7"}, "tok_visa", /*wait_s=*/10));
  REQUIRE(done.ok());
  CHECK(done->state() == RESERVATION_STATE_CONFIRMED);
  CHECK_FALSE(done->has_change());
  CHECK_FALSE(done->has_change_failure());
  CHECK(done->saga_id() != order.id);
  CHECK(done->saga_id().substr(34) == order.id.substr(34));  // of the same partition
  order.Check({"stalls/A/1", "boxes/A/7"}, 4500 + 9900, 4500 + 9900);
  CHECK(order.Payments() == std::vector<std::pair<int64_t, int64_t>>{{9000, 0}, {5400, 0}});
  CHECK(order.all.Saga(done->saga_id()).state() == orchestrator::v1::SAGA_STATE_COMPLETED);
  const auto prices = done->seat_prices_minor();
  CHECK(std::vector<int64_t>(prices.begin(), prices.end()) == std::vector<int64_t>{4500, 9900});
}

TEST_CASE("exchange: of cheaper seats the terms pay the difference back") {
  Order order({"stalls/A/1", "stalls/A/2"}, /*refund_percent=*/50);
  REQUIRE(order.Do(order.all.Exchange(order.id, {"stalls/A/1"}, {"balcony/A/1"})).ok());
  order.Check({"stalls/A/2", "balcony/A/1"}, 4500 + 2500, 9000 - 1000);
  CHECK(order.Payments() == std::vector<std::pair<int64_t, int64_t>>{{9000, 1000}, {0, 0}});
  REQUIRE(order.Now().payments_size() == 1);
  CHECK(order.Now().payments(0).refunded().amount_minor() == 1000);
}

TEST_CASE("exchange: of equal seats nothing is charged or paid back") {
  Order order({"stalls/A/1"}, 50);
  REQUIRE(order.Do(order.all.Exchange(order.id, {"stalls/A/1"}, {"stalls/A/9"})).ok());
  order.Check({"stalls/A/9"}, 4500, 4500);
  CHECK(order.Now().seat_prices_minor().empty());
}

TEST_CASE("exchange: what cannot be had leaves the reservation as it was, and says why") {
  Order order({"stalls/A/1", "stalls/A/2"});
  const auto other = order.all.Reserve("stalls/A/3", "tok_visa");
  order.all.world.Advance(absl::Seconds(1));
  struct Try {
    const char* take;
    const char* token;
    const char* reason;
  };
  const auto [take, token, reason] =
      GENERATE(Try{"stalls/A/3", "", "SEAT_NOT_AVAILABLE"}, Try{"attic/A/3", "", "SEAT_NOT_FOUND"},
               Try{"boxes/A/3", "", "PAYMENT_TOKEN_REQUIRED"},
               Try{"boxes/A/3", "tok_declined", "PAYMENT_DECLINED"});
  const auto request = order.all.Exchange(order.id, {"stalls/A/1"}, {take}, token);
  REQUIRE(order.Do(request).ok());
  const auto now = order.Now();
  CHECK(now.change_failure().reason() == reason);
  CHECK_FALSE(now.change_failure().message().empty());
  CHECK(now.saga_id() == order.id);
  order.Check({"stalls/A/1", "stalls/A/2"}, 9000, 9000 + 4500);
  CHECK(order.all.Seat("boxes/A/3") == "AVAILABLE");

  // And the next try may succeed.
  REQUIRE(order.Do(order.all.Exchange(order.id, {"stalls/A/1"}, {"boxes/A/4"}, "tok_visa")).ok());
  CHECK_FALSE(order.Now().has_change_failure());
  order.Check({"stalls/A/2", "boxes/A/4"}, 4500 + 9900, 4500 + 9900 + 4500);
}

TEST_CASE(
    "partial cancellation: some seats are free again, and the terms decide what is paid back") {
  Order order({"stalls/A/1", "boxes/A/2", "stalls/A/3"}, 50);
  auto request = order.all.PartialCancellation(order.id, {"boxes/A/2"});
  request.set_validate_only(true);
  const auto would_be = order.Do(request);
  REQUIRE(would_be.ok());
  CHECK(would_be->change().refund().amount_minor() == 4950);
  CHECK(would_be->change().refund_percent() == 50);
  order.Check({"stalls/A/1", "boxes/A/2", "stalls/A/3"}, 18900, 18900);

  request = order.all.PartialCancellation(order.id, {"boxes/A/2"}, /*wait_s=*/10);
  const auto done = order.Do(request);
  REQUIRE(done.ok());
  CHECK(done->state() == RESERVATION_STATE_CONFIRMED);
  order.Check({"stalls/A/1", "stalls/A/3"}, 9000, 18900 - 4950);
  CHECK(order.Now().seat_prices_minor().empty());  // all cost the same now
  CHECK(order.Do(request).ok());                   // a retry
  order.Check({"stalls/A/1", "stalls/A/3"}, 9000, 18900 - 4950);
}

TEST_CASE("a cancellation after changes gives back whatever the reservation has by then") {
  Order order({"stalls/A/1", "stalls/A/2", "stalls/A/3"}, 50);
  REQUIRE(order.Do(order.all.Exchange(order.id, {"stalls/A/2"}, {"boxes/A/2"}, "tok_visa")).ok());
  REQUIRE(order.Do(order.all.PartialCancellation(order.id, {"stalls/A/1"})).ok());
  int64_t price = 4500 + 9900;
  int64_t held = 13500 + 5400 - 2250;
  if (GENERATE(true, false)) {  // after an exchange, or after a partial cancellation
    REQUIRE(order.Do(order.all.Exchange(order.id, {"boxes/A/2"}, {"balcony/A/2"})).ok());
    price = 4500 + 2500;
    held -= 3700;
  }
  CHECK(order.Now().price().amount_minor() == price);
  CHECK(order.all.Held() == held);
  REQUIRE(order.Do(order.all.PartialCancellation(order.id, {})).ok());
  CHECK(order.Now().state() == RESERVATION_STATE_CANCELLED);
  CHECK(order.Now().reason() == "CANCELLED_BY_CLIENT");
  CHECK(order.Now().refund().amount_minor() == price / 2);
  CHECK(order.SeatsHeld().empty());
  CHECK(order.all.Held() == held - price / 2);
}

TEST_CASE("a change starts only when the saga before it is at rest") {
  Order order({"stalls/A/1", "stalls/A/2"});
  order.all.world.Hold("orchestrator", "payment_svc", Leg::kRequest);  // what is paid back waits
  const auto first = order.all.Send(order.all.PartialCancellation(order.id, {"stalls/A/1"}, 10));
  order.all.world.Advance(absl::Seconds(1));
  REQUIRE(first.answered());
  REQUIRE((*first)->reservation().state() == RESERVATION_STATE_CONFIRMED);
  const auto second =
      order.all.Send(order.all.Exchange(order.id, {"stalls/A/2"}, {"stalls/A/4"}, "", 30));
  order.all.world.Advance(absl::Seconds(5));
  CHECK_FALSE(second.answered());
  const auto now = order.Now();
  CHECK(now.state() == RESERVATION_STATE_CHANGING);
  orchestrator::v1::GetSagaRequest request;
  request.set_saga_id(now.change().saga_id());
  CHECK_FALSE(order.all.world.CallNow("orchestrator", orchestrator::kGetSaga, request).ok());
  CHECK(order.all.Seat("stalls/A/4") == "AVAILABLE");

  order.all.world.Release("orchestrator", "payment_svc");
  order.all.world.Advance(absl::Seconds(10));
  REQUIRE(second.answered());
  CHECK((*second)->reservation().state() == RESERVATION_STATE_CONFIRMED);
  order.Check({"stalls/A/4"}, 4500, 4500);
}

TEST_CASE("events of a changed reservation name the seats that they are about") {
  Order order({"stalls/A/1", "stalls/A/2"});
  REQUIRE(order.Do(order.all.Exchange(order.id, {"stalls/A/1"}, {"stalls/A/3"})).ok());
  EventReader reader(order.all.world);
  reader.Open();
  const auto seats = [&](const std::string& name) {
    const auto& ids = reader.Last(name).data().seat_ids();
    return Seats(ids.begin(), ids.end());
  };
  CHECK(seats("ReservationChanged") == Seats{"stalls/A/3"});
  CHECK(reader.Last("ReservationChanged").data().given_back_seat_ids(0) == "stalls/A/1");
  CHECK(seats("SeatReleased") == Seats{"stalls/A/1"});

  REQUIRE(order.Do(order.all.PartialCancellation(order.id, {})).ok());
  CHECK(seats("SeatReleased") == Seats{"stalls/A/3", "stalls/A/2"});
  CHECK(seats("ReservationCancelled") == Seats{"stalls/A/3", "stalls/A/2"});
}

TEST_CASE("the events of a change that fails name what it would have taken") {
  Order order({"stalls/A/1", "stalls/A/2"});
  REQUIRE(
      order.Do(order.all.Exchange(order.id, {"stalls/A/1"}, {"boxes/A/3"}, "tok_declined")).ok());
  EventReader reader(order.all.world);
  reader.Open();
  CHECK(reader.Last("SeatReleased").data().seat_ids_size() == 1);
  CHECK(reader.Last("ReservationChangeFailed").data().seat_ids(0) == "boxes/A/3");
}

TEST_CASE("changes of seats that make no sense are refused, and nothing happens") {
  Order order({"stalls/A/1", "stalls/A/2"});
  auto& all = order.all;
  CHECK(order.WhyNot(all.PartialCancellation(order.id, {"stalls/A/9"})) ==
        "SEAT_NOT_IN_RESERVATION");
  CHECK(order.WhyNot(all.PartialCancellation(order.id, {"stalls/A/1", "stalls/A/2"})) ==
        "NOTHING_LEFT");
  CHECK(order.WhyNot(all.Exchange(order.id, {"stalls/A/1"}, {"stalls/A/2"})) ==
        "SEAT_IN_RESERVATION");
  Seats many;
  for (int i = 1; i <= 20; ++i) many.push_back(Cat("balcony/A/", i));
  CHECK(order.WhyNot(all.Exchange(order.id, {"stalls/A/1"}, many)) == "TOO_MANY_SEATS");
  CHECK(order.WhyNot(all.Exchange(order.id, {}, {"stalls/A/3"})) == "INVALID_REQUEST");
  CHECK(order.WhyNot(all.Exchange(order.id, {"stalls/A/1"}, {})) == "INVALID_REQUEST");
  auto stale = all.PartialCancellation(order.id, {"stalls/A/1"});
  stale.set_etag("1");
  CHECK(order.WhyNot(stale) == "ETAG_MISMATCH");
  order.Check({"stalls/A/1", "stalls/A/2"}, 9000, 9000);

  REQUIRE(order.Do(all.PartialCancellation(order.id, {})).ok());
  CHECK(order.WhyNot(all.PartialCancellation(order.id, {"stalls/A/1"})) == "RESERVATION_CANCELLED");
  CHECK(order.WhyNot(all.Exchange(order.id, {"stalls/A/1"}, {"stalls/A/3"})) ==
        "RESERVATION_CANCELLED");
}

}  // namespace
}  // namespace seatsaga::testing
