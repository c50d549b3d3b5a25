#pragma once

#include <array>

#include "orchestrator/sagas/change_sagas.h"
#include "orchestrator/sagas/reservation_saga.h"

namespace seatsaga::sagas {

// Every kind of saga that there is.
inline constexpr std::array kSagaTypes{&kReservation, &kExchange, &kPartialCancellation};

}  // namespace seatsaga::sagas
