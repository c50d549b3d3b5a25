#pragma once

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "seatsaga/reservation/v1/reservation.pb.h"
#include "tests/simulation/history.h"

// The product's answers as the history keeps them.
namespace seatsaga::simulation {

using SeatIds = google::protobuf::RepeatedPtrField<std::string>;
Swap SwapOf(const SeatIds& give_back, const SeatIds& take);
Shown ShownOf(const reservation::v1::Reservation& reservation);
Heard HeardOf(const absl::Status& status);
// Without the details, whose order differs from run to run.
std::string Said(const absl::Status& status);

}  // namespace seatsaga::simulation
