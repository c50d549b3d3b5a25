#pragma once

#include <tuple>

#include "common/wire/method.h"
#include "seatsaga/reservation/v1/reservation.pb.h"

// ReservationService, the public facade.
namespace seatsaga::reservation {

inline constexpr Method<v1::CreateReservationRequest, v1::CreateReservationResponse>
    kCreateReservation{Listener::kPublic};
inline constexpr Method<v1::PayReservationRequest, v1::PayReservationResponse> kPayReservation{
    Listener::kPublic};
inline constexpr Method<v1::ExtendHoldRequest, v1::ExtendHoldResponse> kExtendHold{
    Listener::kPublic};
inline constexpr Method<v1::CancelReservationRequest, v1::CancelReservationResponse>
    kCancelReservation{Listener::kPublic};
inline constexpr Method<v1::ExchangeSeatsRequest, v1::ExchangeSeatsResponse> kExchangeSeats{
    Listener::kPublic};
inline constexpr Method<v1::GetReservationRequest, v1::GetReservationResponse> kGetReservation{
    Listener::kPublic};
inline constexpr Method<v1::ListReservationsRequest, v1::ListReservationsResponse>
    kListReservations{Listener::kPublic};
inline constexpr StreamingMethod<v1::WatchReservationRequest, v1::WatchReservationResponse>
    kWatchReservation{Listener::kPublic};
inline constexpr Method<v1::ExecuteReservationCommandsRequest,
                        v1::ExecuteReservationCommandsResponse>
    kExecuteReservationCommands{Listener::kInternal};

inline constexpr std::tuple kMethods{
    kCreateReservation, kPayReservation,   kExtendHold,
    kCancelReservation, kExchangeSeats,    kGetReservation,
    kListReservations,  kWatchReservation, kExecuteReservationCommands};

}  // namespace seatsaga::reservation
