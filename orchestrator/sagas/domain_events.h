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

// What the steps tell that reserve seats and charge, in whichever definition.
inline constexpr core::DomainEvents kTellsOfSeats{
    .requested = DomainEvent::kSeatReservationRequested,
    .succeeded = DomainEvent::kSeatReserved,
    .failed = DomainEvent::kSeatReservationFailed,
    .undone = DomainEvent::kSeatReleased};
inline constexpr core::DomainEvents kTellsOfPayment{.requested = DomainEvent::kPaymentRequested,
                                                    .succeeded = DomainEvent::kPaymentCaptured,
                                                    .failed = DomainEvent::kPaymentFailed,
                                                    .undone = DomainEvent::kPaymentRefunded,
                                                    .undone_says_what = true};

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
