#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "orchestrator/core/definition.h"

// The domain events of all definitions: what the rest of the company hears of.
namespace seatsaga::sagas {

// Stored: numbers never change, and are never used again.
enum class DomainEvent : uint8_t {
  kNone = 0,
  kSeatReservationRequested = 1,
  kSeatReserved = 2,
  kSeatReservationFailed = 3,
  kSeatReleased = 4,
  kReservationHeld = 5,
  kHoldExpired = 6,
  kPaymentRequested = 7,
  kPaymentCaptured = 8,
  kPaymentFailed = 9,
  kPaymentRefunded = 10,
  kReservationConfirmed = 11,
  kReservationCancelled = 12,
  kReservationChanged = 13,
  kReservationChangeFailed = 14,
};

// By number. A new event is added at the end.
inline constexpr std::array<std::string_view, 15> kDomainEventNames{
    "",
    "SeatReservationRequested",
    "SeatReserved",
    "SeatReservationFailed",
    "SeatReleased",
    "ReservationHeld",
    "HoldExpired",
    "PaymentRequested",
    "PaymentCaptured",
    "PaymentFailed",
    "PaymentRefunded",
    "ReservationConfirmed",
    "ReservationCancelled",
    "ReservationChanged",
    "ReservationChangeFailed",
};

// Empty for a number that this release does not know.
constexpr std::string_view NameOfDomainEvent(uint8_t number) {
  return number < kDomainEventNames.size() ? kDomainEventNames[number] : std::string_view();
}

}  // namespace seatsaga::sagas
