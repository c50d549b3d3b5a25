#pragma once

#include <tuple>

#include "common/on_arena.h"
#include "common/wire/method.h"
#include "seatsaga/seat/v1/seat.pb.h"

// SeatService.
namespace seatsaga::seat {

inline constexpr Method<v1::CreateEventRequest, v1::CreateEventResponse> kCreateEvent{
    Listener::kAdmin};
inline constexpr Method<v1::GetEventRequest, v1::GetEventResponse> kGetEvent{Listener::kPublic};
inline constexpr Method<v1::ListEventsRequest, v1::ListEventsResponse> kListEvents{
    Listener::kPublic};
inline constexpr Method<v1::ListSeatsRequest, OnArena<v1::ListSeatsResponse>> kListSeats{
    Listener::kPublic};
inline constexpr StreamingMethod<v1::WatchSeatsRequest, v1::WatchSeatsResponse> kWatchSeats{
    Listener::kPublic};
inline constexpr Method<v1::ReserveSeatsRequest, v1::ReserveSeatsResponse> kReserveSeats{
    Listener::kInternal};
inline constexpr Method<v1::ReleaseSeatsRequest, v1::ReleaseSeatsResponse> kReleaseSeats{
    Listener::kInternal};
inline constexpr Method<v1::ExecuteSeatCommandsRequest, v1::ExecuteSeatCommandsResponse>
    kExecuteSeatCommands{Listener::kInternal};

inline constexpr std::tuple kMethods{kCreateEvent,  kGetEvent,           kListEvents,
                                     kListSeats,    kWatchSeats,         kReserveSeats,
                                     kReleaseSeats, kExecuteSeatCommands};

}  // namespace seatsaga::seat
