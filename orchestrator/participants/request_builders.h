#pragma once

#include <cstdint>
#include <string_view>

#include "orchestrator/participants/participants.h"
#include "seatsaga/payment/v1/payment.pb.h"
#include "seatsaga/reservation/v1/reservation.pb.h"
#include "seatsaga/seat/v1/seat.pb.h"

// A saga's call as each participant's command. Pure; thread-safe. Adding a step to the definition
// means adding its two builders here.
namespace seatsaga::participants {

// A participant's batch method and its messages.
struct SeatBatch {
  using Request = seat::v1::ExecuteSeatCommandsRequest;
  using Response = seat::v1::ExecuteSeatCommandsResponse;
  static constexpr std::string_view kMethod = "seatsaga.seat.v1.SeatService/ExecuteSeatCommands";
  static void Add(const CallRequest& call, uint64_t fencing_token, Request& batch);
};

struct PaymentBatch {
  using Request = payment::v1::ExecutePaymentCommandsRequest;
  using Response = payment::v1::ExecutePaymentCommandsResponse;
  static constexpr std::string_view kMethod =
      "seatsaga.payment.v1.PaymentService/ExecutePaymentCommands";
  static void Add(const CallRequest& call, uint64_t fencing_token, Request& batch);
};

struct ReservationBatch {
  using Request = reservation::v1::ExecuteReservationCommandsRequest;
  using Response = reservation::v1::ExecuteReservationCommandsResponse;
  static constexpr std::string_view kMethod =
      "seatsaga.reservation.v1.ReservationService/ExecuteReservationCommands";
  static void Add(const CallRequest& call, uint64_t fencing_token, Request& batch);
};

}  // namespace seatsaga::participants
