#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "bench/halls.h"
#include "bench/one_thread/world.h"
#include "common/id.h"
#include "common/random.h"
#include "common/sealed_token.h"
#include "orchestrator/service/orchestrator_node.h"
#include "payment_svc/payment_node.h"
#include "reservation_svc/reservation_node.h"
#include "seat_svc/seat_node.h"
#include "seatsaga/reservation/v1/reservation.pb.h"

namespace seatsaga::bench {

// A payment provider that says yes at once and keeps no books: what it costs is not ours to
// measure.
class ApprovingGateway final : public payment::PaymentGateway {
 public:
  void Charge(payment::ChargeRequest request, Done done) override;
  void Refund(payment::RefundRequest request, Done done) override;
  void Lookup(std::string charge_key, Done done) override;
  void Cancel(std::string charge_key, Done done) override;
};

// What a client does with a reservation.
enum class Story {
  kPayNow,      // pays at once
  kHoldAndPay,  // holds the seat, then pays for it
  kCancel,      // pays at once, then cancels and is paid back
  kExchange,    // pays at once, then exchanges the seat for another at the same price
};

// Reservations through the nodes of all four services, in one thread and the same way in every run.
// The work of each process is done in its own turn: so callgrind can tell them apart.
class Chain {
 public:
  // Where the stores are.
  enum class Durable {
    kYes,  // on SQLite, in `folder`
    kNo,   // in memory
  };

  explicit Chain(const std::string& folder, Durable durable = Durable::kYes,
                 Story story = Story::kPayNow);

  // `count` clients begin the story with a seat each; then every process has its turn: it takes in
  // what has arrived, and decides it in one batch. After some rounds as many stories end in each as
  // begin in it.
  void Round(int count);
  // Rounds without new clients, until all stories have ended and nothing moves any more.
  void Drain();

  void TurnOfClients(int count);
  void TurnOfReservationSvc();
  void TurnOfOrchestrator();
  void TurnOfSeatSvc();
  void TurnOfPaymentSvc();
  void PassTime();

  // Stories that have begun, and of those the ones that have ended as they must.
  int64_t begun() const { return begun_; }
  int64_t ended() const { return ended_; }

 private:
  using Reservation = reservation::v1::Reservation;

  void CreateHalls();
  reservation::v1::CreateReservationRequest NextRequest();
  // The request must lead to `state`; then the story goes on, or ends.
  template <class Request>
  void Call(const Request& request, reservation::v1::ReservationState state,
            void (Chain::*then)(const Reservation&));
  void Pay(const Reservation& held);
  void Cancel(const Reservation& confirmed);
  void Exchange(const Reservation& confirmed);
  void End(const Reservation&) { ++ended_; }
  bool Idle() const;

  const Story story_;
  OneThread all_;
  TokenSealer sealer_;
  Halls halls_;
  // The same in every run.
  IdGenerator request_ids_{[random = Random(1)]() mutable { return random.Next(); }};
  // Of exchanges: a seat by its event, and the seat to take by the one that is reserved first.
  std::map<std::string, std::string> unpaired_;
  std::map<std::string, std::string> spare_seats_;
  ApprovingGateway gateway_;
  Process& clients_;
  Process& reservation_svc_;
  Process& orchestrator_;
  Process& seat_svc_;
  Process& payment_svc_;
  std::unique_ptr<seat::SeatNode> seats_;
  std::unique_ptr<payment::PaymentNode> payments_;
  std::unique_ptr<reservation::ReservationNode> reservations_;
  std::unique_ptr<OrchestratorNode> sagas_;
  std::unique_ptr<Channel> facade_;
  int64_t begun_ = 0;
  int64_t ended_ = 0;
};

}  // namespace seatsaga::bench
