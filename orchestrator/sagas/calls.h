#pragma once

#include <cstdint>

// What the definitions' steps call. Numbers are stored in no database: only the names of steps are.
namespace seatsaga::sagas {

// The calls of the participants; `core::CallId::As<Call>()` gives them back from a core::Command.
// Each has one row in orchestrator/participants/call_table.cc, which says whom it is for and how it
// is built.
enum class Call : uint8_t {
  kNone,
  kReserveSeats,
  kReleaseSeats,
  kChargePayment,
  kProbePayment,
  kRefundPayment,
  kHoldReservation,
  kConfirmReservation,
  kCancelReservation,
  // Of the changes of a confirmed reservation.
  kReserveNewSeats,
  kReleaseNewSeats,
  kChargeDifference,
  kRefundDifference,
  kConfirmChange,
  kUndoChange,
  kGiveBackSeats,
  kPayBackDifference,
};

}  // namespace seatsaga::sagas
