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

// What its client did, of one that needs a signal: it paid, or it cancelled.
void ToSignal(const Reservation& reservation, orchestrator::v1::SagaSignal& signal);

// That it is to be held longer.
void ToExtension(const Id& reservation_id, absl::Duration hold_duration,
                 orchestrator::v1::SagaSignal& signal);

}  // namespace seatsaga::reservation
