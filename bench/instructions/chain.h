#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "bench/halls.h"
#include "bench/in_process/orchestrator_server.h"
#include "bench/in_process/payment_server.h"
#include "bench/in_process/reservation_server.h"
#include "bench/in_process/seat_server.h"
#include "bench/in_process/seeded_ids.h"
#include "bench/in_process/wire_participants.h"
#include "bench/instructions/mailbox.h"
#include "common/sealed_token.h"

namespace seatsaga::bench {

// The four services in one thread, wired by messages instead of gRPC, on a clock that moves a
// millisecond a round. The same calls give the same run, instruction by instruction.
//
// Each service works only in its own turn, a function that is never inlined: callgrind counts what
// happens inside, and count.py finds these functions by their names.
class Chain {
 public:
  // Databases go to `folder`.
  explicit Chain(const std::string& folder);

  // `count` clients ask for a seat each; then every process has its turn: it takes in what has
  // arrived, and applies it in one batch. After some rounds as many reservations end in each as
  // begin in it.
  void Round(int count);
  // Rounds without new clients, until all have their answer and nothing moves any more.
  void Drain();

  int64_t asked() const { return asked_; }
  int64_t confirmed() const { return confirmed_; }

 private:
  // Starts sagas at the orchestrator, as the outbox relay does over gRPC.
  class Starter final : public reservation::SagaStarter {
   public:
    explicit Starter(Chain& chain) : chain_(chain) {}
    void Start(reservation::StartBatch batch) override;

   private:
    Chain& chain_;
  };

  void TurnOfClients(int count);
  void TurnOfReservationSvc();
  void TurnOfOrchestrator();
  void TurnOfSeatSvc();
  void TurnOfPaymentSvc();
  bool Idle() const;

  std::string NextRequest();
  void OnAnswer(const std::string& response);
  WireMethods Methods();
  // A sink that posts what it is given to the orchestrator.
  WireSink ToOrchestrator(WireSink answer);

  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  TokenSealer sealer_;
  Halls halls_;
  SeededIds request_ids_{1};
  Starter starter_{*this};
  Mailbox clients_;
  Mailbox reservation_svc_;
  Mailbox orchestrator_;
  Mailbox seat_svc_;
  Mailbox payment_svc_;
  WireParticipants participants_;
  ReservationServer reservations_;
  OrchestratorServer sagas_;
  SeatServer seats_;
  PaymentServer payments_;
  int64_t asked_ = 0;
  int64_t confirmed_ = 0;
};

}  // namespace seatsaga::bench
