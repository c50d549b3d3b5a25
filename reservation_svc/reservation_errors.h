#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "common/id.h"

// What clients are told when their request cannot be done, and what to do next. Pure; thread-safe.
namespace seatsaga::reservation {

// Reasons of errors and of refused commands.
inline constexpr std::string_view kReservationNotFound = "RESERVATION_NOT_FOUND";
inline constexpr std::string_view kReservationCancelled = "RESERVATION_CANCELLED";
inline constexpr std::string_view kCancelledByClient = "CANCELLED_BY_CLIENT";
inline constexpr std::string_view kReservationConfirmed = "RESERVATION_CONFIRMED";
inline constexpr std::string_view kReservationHeld = "RESERVATION_HELD";
inline constexpr std::string_view kHoldRoundPassed = "HOLD_ROUND_PASSED";
inline constexpr std::string_view kHoldExpired = "HOLD_EXPIRED";

// INVALID_ARGUMENT (REQUEST_ID_REUSED).
absl::Status RequestIdReusedError();
// NOT_FOUND (RESERVATION_NOT_FOUND).
absl::Status NotFoundError(const Id& reservation_id);
// ABORTED (ETAG_MISMATCH).
absl::Status EtagMismatchError(const Id& reservation_id);
// FAILED_PRECONDITION: "reservation ID " and `what`, which says what is in the way and what to do.
absl::Status NotPossibleError(std::string_view reason, const Id& reservation_id,
                              std::string_view what);

}  // namespace seatsaga::reservation
