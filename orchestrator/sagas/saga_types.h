#pragma once

#include <algorithm>
#include <array>

#include "orchestrator/sagas/change_sagas.h"
#include "orchestrator/sagas/reservation_saga.h"

namespace seatsaga::sagas {

// Every kind of saga that there is.
inline constexpr std::array kSagaTypes{&kReservation, &kExchange, &kPartialCancellation};
static_assert(std::all_of(kSagaTypes.begin(), kSagaTypes.end(),
                          [](const SagaType* type) { return type->tell && type->forget_added; }),
              "the domain events of a kind of saga say nothing");

}  // namespace seatsaga::sagas
