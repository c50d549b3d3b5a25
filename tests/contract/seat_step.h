#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "seatsaga/seat/v1/seat.pb.h"
#include "tests/contract/participant.h"

namespace seatsaga::contract {

// How seat_svc is reached, and which seats there are.
struct SeatHall {
  std::string event_id;
  std::function<std::string(const Run&)> seat_of;
  std::string other_seat;    // is there, and no run's
  std::string unknown_seat;  // is not there
  std::function<absl::StatusOr<seat::v1::ListSeatsResponse>(const seat::v1::ListSeatsRequest&)>
      list;
};

// seat_svc's step, wherever it runs.
Step ReserveSeatsStep(const Participant& participant, std::function<Run()> prepare, SeatHall hall);

}  // namespace seatsaga::contract
