#pragma once

#include <string_view>
#include <vector>

#include "common/outcome.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "reservation_svc/reservation.h"
#include "seatsaga/reservation/v1/reservation.pb.h"

// The domain's words put into answers. Pure; thread-safe.
namespace seatsaga::reservation {

v1::Reservation ToProto(const Reservation& reservation);

v1::ExecuteReservationCommandsResponse ToProto(std::vector<CommandResult> results);

// The seat ids of `lines`, which holds one a line.
void AddSeatIds(std::string_view lines, google::protobuf::RepeatedPtrField<std::string>& seat_ids);

}  // namespace seatsaga::reservation
