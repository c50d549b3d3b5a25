// The four real nodes in one thread: a wire in memory, a clock moved by hand, no socket, no sleep.
// What the seams are for.
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "api/orchestrator.h"
#include "api/payment.h"
#include "api/reservation.h"
#include "api/seat.h"
#include "common/sealed_token.h"
#include "orchestrator/service/orchestrator_node.h"
#include "payment_svc/payment_node.h"
#include "reservation_svc/reservation_node.h"
#include "seat_svc/seat_node.h"
#include "simulated_provider/simulated_gateway.h"
#include "simulated_provider/simulated_provider.h"
#include "tests/world/test_world.h"

namespace seatsaga::testing {
namespace {

using reservation::v1::RESERVATION_STATE_CANCELLED;
using reservation::v1::RESERVATION_STATE_CONFIRMED;
using reservation::v1::RESERVATION_STATE_PENDING;

// All of SeatSaga, and the company that moves the money.
class Whole {
 public:
  explicit Whole(Engine engine) : world(engine) {
    StartSeats();
    StartPayments();
    StartReservations();
    StartOrchestrator();
    CreateEvent();
  }

  void StartSeats() { seats_ = Started(seat::SeatNode::Open(world.world("seat_svc"), {})); }
  void StartPayments() {
    provider_ = *payment::SimulatedProvider::Open(world.world("provider"), {});
    REQUIRE(provider_->Start().ok());
    gateway_ = std::make_unique<payment::SimulatedGateway>(*provider_, "");
    payments_ =
        Started(payment::PaymentNode::Open(world.world("payment_svc"), *gateway_, sealer_, {}));
  }
  void StartReservations() {
    reservations_ = Started(reservation::ReservationNode::Open(
        world.world("reservation_svc"), {.orchestrator = "orchestrator"}, sealer_));
  }
  void StartOrchestrator() {
    sagas_ = Started(OrchestratorNode::Open(
        world.world("orchestrator"),
        {.targets = {
             .seats = "seat_svc", .payments = "payment_svc", .reservations = "reservation_svc"}}));
  }
  void CrashOrchestrator() {
    world.Crash("orchestrator");
    sagas_.reset();
  }

  auto Reserve(const std::string& seat_id, const std::string& token, int wait_s = 30) {
    reservation::v1::CreateReservationRequest request;
    request.set_request_id(ids_.Next(world.wall()).ToString());
    request.set_user_id("ada");
    request.set_event_id("hamlet");
    request.add_seat_ids(seat_id);
    request.set_payment_token(token);
    request.mutable_wait()->set_seconds(wait_s);
    return world.Call("reservation_svc", reservation::kCreateReservation, request,
                      {.deadline = absl::Minutes(1)});
  }
  reservation::v1::Reservation Reservation(const std::string& id) {
    reservation::v1::GetReservationRequest request;
    request.set_reservation_id(id);
    return world.CallNow("reservation_svc", reservation::kGetReservation, request)->reservation();
  }
  // "AVAILABLE", or who holds it.
  std::string Seat(const std::string& seat_id) {
    seat::v1::ListSeatsRequest request;
    request.set_event_id("hamlet");
    const auto page = world.CallNow("seat_svc", seat::kListSeats, request);
    REQUIRE(page.ok());
    for (const auto& seat : page->seats()) {
      if (seat.seat_id() != seat_id) continue;
      return seat.state() == seat::v1::SEAT_STATE_AVAILABLE ? "AVAILABLE" : seat.reservation_id();
    }
    return "no such seat";
  }
  // What the provider owes us.
  int64_t Held() {
    const auto ledger = world.CallNow("payment_svc", payment::kGetLedger, {});
    REQUIRE(ledger.ok());
    for (const auto& account : ledger->balances()) {
      if (account.account() == "provider") return account.balance_minor();
    }
    return 0;
  }
  orchestrator::v1::Saga Saga(const std::string& id) {
    orchestrator::v1::GetSagaRequest request;
    request.set_saga_id(id);
    return world.CallNow("orchestrator", orchestrator::kGetSaga, request)->saga();
  }

  TestWorld world;

 private:
  template <class Node>
  static std::unique_ptr<Node> Started(absl::StatusOr<std::unique_ptr<Node>> node) {
    INFO(node.status());
    REQUIRE(node.ok());
    REQUIRE((*node)->Start().ok());
    return *std::move(node);
  }
  void CreateEvent() {
    seat::v1::CreateEventRequest request;
    request.mutable_event()->set_event_id("hamlet");
    request.mutable_event()->set_display_name("Hamlet");
    request.mutable_event()->set_currency("EUR");
    auto* section = request.mutable_event()->add_sections();
    section->set_name("stalls");
    section->set_price_minor(4500);
    auto* row = section->add_rows();
    row->set_name("A");
    row->set_seat_count(20);
    REQUIRE(world.CallNow("seat_svc", seat::kCreateEvent, request).ok());
  }

  IdGenerator ids_{
      [state = uint64_t{7}]() mutable { return state = state * 6364136223846793005U + 1; }};
  TokenSealer sealer_ = *TokenSealer::FromKey(std::string(32, 'k'));
  std::unique_ptr<payment::SimulatedProvider> provider_;
  std::unique_ptr<payment::SimulatedGateway> gateway_;
  std::unique_ptr<seat::SeatNode> seats_;
  std::unique_ptr<payment::PaymentNode> payments_;
  std::unique_ptr<reservation::ReservationNode> reservations_;
  std::unique_ptr<OrchestratorNode> sagas_;
};

TEST_CASE("four services in one thread: a reservation is confirmed, with its seat and its charge") {
  const Engine engine = GENERATE(Engine::kSqlite, Engine::kModel);
  Whole whole(engine);
  const auto answer = whole.Reserve("stalls/A/12", "tok_visa");
  whole.world.Advance(absl::Seconds(5));
  REQUIRE(answer.answered());
  REQUIRE(answer->ok());
  const auto& reservation = (*answer)->reservation();
  CHECK(reservation.state() == RESERVATION_STATE_CONFIRMED);
  CHECK(reservation.price().amount_minor() == 4500);
  CHECK(whole.Seat("stalls/A/12") == reservation.reservation_id());
  CHECK(whole.Held() == 4500);
  whole.world.Advance(absl::Seconds(1));  // nobody waits for the saga's end
  CHECK(whole.Saga(reservation.reservation_id()).state() == orchestrator::v1::SAGA_STATE_COMPLETED);
}

TEST_CASE("four services in one thread: a declined card frees the seat and moves no money") {
  const Engine engine = GENERATE(Engine::kSqlite, Engine::kModel);
  Whole whole(engine);
  const auto answer = whole.Reserve("stalls/A/12", "tok_declined");
  whole.world.Advance(absl::Seconds(5));
  REQUIRE(answer.answered());
  REQUIRE(answer->ok());
  const auto& reservation = (*answer)->reservation();
  CHECK(reservation.state() == RESERVATION_STATE_CANCELLED);
  CHECK(reservation.reason() == "PAYMENT_DECLINED");
  CHECK(whole.Seat("stalls/A/12") == "AVAILABLE");
  CHECK(whole.Held() == 0);
}

TEST_CASE("four services in one thread: a saga goes on after its orchestrator crashed, once") {
  const Engine engine = GENERATE(Engine::kSqlite, Engine::kModel);
  Whole whole(engine);
  // The charge has its effect, and its answer never arrives.
  whole.world.Hold("orchestrator", "payment_svc", Leg::kAnswer);
  const auto answer = whole.Reserve("stalls/A/12", "tok_visa");
  whole.world.Advance(absl::Milliseconds(200));
  CHECK(whole.Held() == 4500);
  CHECK_FALSE(answer.answered());
  whole.CrashOrchestrator();
  whole.world.Release("orchestrator", "payment_svc");
  whole.world.Advance(absl::Seconds(2));
  CHECK_FALSE(answer.answered());

  whole.StartOrchestrator();
  whole.world.Advance(absl::Seconds(10));
  REQUIRE(answer.answered());
  REQUIRE(answer->ok());
  const auto& reservation = (*answer)->reservation();
  CHECK(reservation.state() == RESERVATION_STATE_CONFIRMED);
  CHECK(whole.Seat("stalls/A/12") == reservation.reservation_id());
  CHECK(whole.Held() == 4500);
  const auto saga = whole.Saga(reservation.reservation_id());
  int charges = 0;
  for (const auto& entry : saga.history()) {
    if (entry.step() == "charge_payment" && entry.outcome() == saga::v1::OUTCOME_SUCCEEDED) {
      ++charges;
      CHECK(entry.result().amount().amount_minor() == 4500);
      CHECK_FALSE(entry.result().provider_reference().empty());
    }
  }
  CHECK(charges == 1);
}

TEST_CASE("four services in one thread: every run is the same") {
  const auto run = [] {
    Whole whole(Engine::kModel);
    const auto first = whole.Reserve("stalls/A/1", "tok_visa");
    const auto second = whole.Reserve("stalls/A/1", "tok_flaky_2");
    whole.world.Advance(absl::Seconds(20));
    std::string trace;
    for (const CallRecord& call : whole.world.calls()) {
      trace += call.from + " " + call.to + " " + call.method + "\n";
    }
    return trace + (*first)->reservation().DebugString() + (*second)->reservation().DebugString();
  };
  const std::string once = run();
  CHECK(once == run());
  CHECK(once.find("ExecutePaymentCommands") != std::string::npos);
}

}  // namespace
}  // namespace seatsaga::testing
