#pragma once

#include <cstdint>

#include "orchestrator/core/definition.h"

// How a reservation is made. START HERE: the table in reservation_saga.cc is the business in one
// screen.
namespace seatsaga::sagas {

// The calls of the participants; `core::CallId::As<Call>()` gives them back from a core::Command.
enum class Call : uint8_t {
  kNone,
  kCancelReservation,
  kConfirmReservation,
  kReserveSeats,
  kReleaseSeats,
  kChargePayment,
  kProbePayment,
  kRefundPayment,
};

enum class Signal : uint8_t { kNone, kPaymentSubmitted };

// The definition that new sagas start with. Thread-safe; never freed.
const core::Definition& ReservationSaga();

// The definition of that version, for sagas in flight; null if this binary does not know it.
// Thread-safe; never freed.
const core::Definition* FindReservationSaga(int version);

}  // namespace seatsaga::sagas
