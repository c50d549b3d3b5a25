#pragma once

#include <string>
#include <string_view>

#include "reservation_svc/reservation.h"

// Between a reservation and its row. Pure; thread-safe.
namespace seatsaga::reservation {

Reservation FromRow(ReservationRow row);

// The labels of a row's details (labels.h).
std::string LabelsIn(std::string_view details);

// Brings the row's part up to date with the rest. Call this before it is stored.
void PackDetails(Reservation& reservation);

}  // namespace seatsaga::reservation
