#pragma once

#include "reservation_svc/reservation.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"
#include "seatsaga/reservation/v1/reservation.pb.h"

// A reservation as others see it. The messages must be empty before. Pure; thread-safe.
namespace seatsaga::reservation {

// What everybody may see.
void ToProto(const Reservation& reservation, v1::Reservation& proto);

// What its saga must know.
void ToSagaStart(const Reservation& reservation, orchestrator::v1::SagaStart& start);

}  // namespace seatsaga::reservation
