#pragma once

#include "bench/halls.h"
#include "bench/in_process/seeded_ids.h"
#include "common/sealed_token.h"
#include "orchestrator/participants/participants.h"
#include "orchestrator/sagas/reservation_saga.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"
#include "seatsaga/reservation/v1/reservation.pb.h"

namespace seatsaga::bench {

// Calls of the participants as the engine makes them, each of a saga of its own with a seat of its
// own. The same in every run. One thread.
class SampleCalls {
 public:
  SampleCalls();

  participants::CallRequest Next(sagas::Call call);
  // Another call of the same saga.
  static participants::CallRequest Another(const participants::CallRequest& before,
                                           sagas::Call call);

  // The events that the seats are in.
  const Halls& halls() const { return halls_; }
  // What the calls' tokens are sealed with.
  const TokenSealer& sealer() const { return sealer_; }

 private:
  Halls halls_;
  SeededIds ids_{3};
  TokenSealer sealer_;
};

// What a client sent to make the call's reservation, and what the facade sent to start its saga.
reservation::v1::CreateReservationRequest CreationOf(const participants::CallRequest& call);
orchestrator::v1::SagaStart StartOf(const participants::CallRequest& call);

}  // namespace seatsaga::bench
