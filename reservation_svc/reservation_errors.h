#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
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
inline constexpr std::string_view kUserEventLimit = "USER_EVENT_LIMIT";
inline constexpr std::string_view kNotItsSaga = "NOT_ITS_SAGA";
inline constexpr std::string_view kChangeIsOver = "CHANGE_IS_OVER";

// When a client should look again at what another service is doing.
inline constexpr absl::Duration kRetryAfter = absl::Seconds(1);

// INVALID_ARGUMENT (REQUEST_ID_REUSED).
absl::Status RequestIdReusedError();
// NOT_FOUND (RESERVATION_NOT_FOUND).
absl::Status NotFoundError(const Id& reservation_id);
// ABORTED (ETAG_MISMATCH).
absl::Status EtagMismatchError(const Id& reservation_id);
// FAILED_PRECONDITION (CHANGE_UNDER_WAY), with RetryInfo.
absl::Status ChangeUnderWayError(const Id& reservation_id);
// FAILED_PRECONDITION: "reservation ID " and `what`, which says what is in the way and what to do.
absl::Status NotPossibleError(std::string_view reason, const Id& reservation_id,
                              std::string_view what);

}  // namespace seatsaga::reservation
