#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/orchestrator.h"
#include "api/payment.h"
#include "api/reservation.h"
#include "api/seat.h"
#include "common/sealed_token.h"
#include "common/time_proto.h"
#include "orchestrator/service/orchestrator_node.h"
#include "payment_svc/payment_node.h"
#include "reservation_svc/reservation_node.h"
#include "seat_svc/seat_node.h"
#include "simulated_provider/simulated_gateway.h"
#include "simulated_provider/simulated_provider.h"
#include "tests/world/test_world.h"

namespace seatsaga::testing {

// All of SeatSaga, and the company that moves the money.
class FourServices {
 public:
  // `refund_percent`: what the event's terms pay back of a price until it starts; without, there
  // are no terms, and everything is paid back.
  explicit FourServices(Engine engine, std::optional<int> refund_percent = std::nullopt)
      : world(engine), refund_percent_(refund_percent) {
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

  // --- What clients and operators ask

  reservation::v1::CreateReservationRequest Creation(const std::vector<std::string>& seat_ids,
                                                     int wait_s) {
    reservation::v1::CreateReservationRequest request;
    request.set_request_id(NewId());
    request.set_user_id("ada");
    request.set_event_id("hamlet");
    for (const std::string& seat_id : seat_ids) request.add_items()->set_seat(seat_id);
    request.mutable_wait()->set_seconds(wait_s);
    return request;
  }
  auto Reserve(const std::vector<std::string>& seat_ids, const std::string& token,
               int wait_s = 30) {
    auto request = Creation(seat_ids, wait_s);
    request.set_payment_token(token);
    return world.Call("reservation_svc", reservation::kCreateReservation, request,
                      {.deadline = absl::Minutes(1)});
  }
  auto Reserve(const std::string& seat_id, const std::string& token, int wait_s = 30) {
    return Reserve(std::vector{seat_id}, token, wait_s);
  }
  auto Hold(const std::string& seat_id, absl::Duration hold) {
    auto request = Creation({seat_id}, 30);
    request.set_mode(reservation::v1::RESERVATION_MODE_HOLD);
    *request.mutable_hold_duration() = ToProto(hold);
    return world.Call("reservation_svc", reservation::kCreateReservation, request,
                      {.deadline = absl::Minutes(1)});
  }
  auto Pay(const std::string& id, const std::string& token, int wait_s = 0) {
    reservation::v1::PayReservationRequest request;
    request.set_reservation_id(id);
    request.set_request_id(NewId());
    request.set_payment_token(token);
    request.mutable_wait()->set_seconds(wait_s);
    return world.Call("reservation_svc", reservation::kPayReservation, request,
                      {.deadline = absl::Minutes(1)});
  }
  auto Extend(const std::string& id, absl::Duration hold) {
    reservation::v1::ExtendHoldRequest request;
    request.set_reservation_id(id);
    *request.mutable_hold_duration() = ToProto(hold);
    return world.Call("reservation_svc", reservation::kExtendHold, request,
                      {.deadline = absl::Minutes(1)});
  }
  auto Cancel(const std::string& id, int wait_s = 0) {
    reservation::v1::CancelReservationRequest request;
    request.set_reservation_id(id);
    request.set_request_id(NewId());
    request.mutable_wait()->set_seconds(wait_s);
    return world.Call("reservation_svc", reservation::kCancelReservation, request,
                      {.deadline = absl::Minutes(1)});
  }
  reservation::v1::CancelReservationRequest PartialCancellation(
      const std::string& id, const std::vector<std::string>& seat_ids, int wait_s = 0) {
    reservation::v1::CancelReservationRequest request;
    request.set_reservation_id(id);
    request.set_request_id(NewId());
    for (const std::string& seat_id : seat_ids) request.add_seat_ids(seat_id);
    request.mutable_wait()->set_seconds(wait_s);
    return request;
  }
  auto Send(const reservation::v1::CancelReservationRequest& request) {
    return world.Call("reservation_svc", reservation::kCancelReservation, request,
                      {.deadline = absl::Minutes(1)});
  }
  reservation::v1::ExchangeSeatsRequest Exchange(const std::string& id,
                                                 const std::vector<std::string>& give_back,
                                                 const std::vector<std::string>& take,
                                                 const std::string& token = "", int wait_s = 0) {
    reservation::v1::ExchangeSeatsRequest request;
    request.set_reservation_id(id);
    request.set_request_id(NewId());
    for (const std::string& seat_id : give_back) request.add_give_back_seat_ids(seat_id);
    for (const std::string& seat_id : take) request.add_items()->set_seat(seat_id);
    request.set_payment_token(token);
    request.mutable_wait()->set_seconds(wait_s);
    return request;
  }
  auto Send(const reservation::v1::ExchangeSeatsRequest& request) {
    return world.Call("reservation_svc", reservation::kExchangeSeats, request,
                      {.deadline = absl::Minutes(1)});
  }
  auto Compensate(const std::string& id) {
    orchestrator::v1::CompensateSagaRequest request;
    request.set_saga_id(id);
    return world.Call("orchestrator", orchestrator::kCompensateSaga, request);
  }

  // --- What there is
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
    for (const auto& [name, price_minor] :
         {std::pair("stalls", 4500), {"balcony", 2500}, {"boxes", 9900}}) {
      auto* section = request.mutable_event()->add_sections();
      section->set_name(name);
      section->set_price_minor(price_minor);
      auto* row = section->add_rows();
      row->set_name("A");
      row->set_seat_count(20);
    }
    if (refund_percent_) {
      *request.mutable_event()->mutable_start_time() = ToProto(world.wall() + absl::Hours(48));
      auto& rule = *request.mutable_event()->add_refund_rules();
      rule.mutable_before_start()->set_seconds(0);
      rule.set_percent(*refund_percent_);
    }
    REQUIRE(world.CallNow("seat_svc", seat::kCreateEvent, request).ok());
  }

  const std::optional<int> refund_percent_;

  std::string NewId() { return ids_.Next(world.wall()).ToString(); }

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

}  // namespace seatsaga::testing
