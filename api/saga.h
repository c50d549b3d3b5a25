#pragma once

#include <tuple>

#include "common/wire/method.h"
#include "seatsaga/saga/v1/saga.pb.h"

// ParticipantService, which every participant serves.
namespace seatsaga::saga {

inline constexpr Method<v1::GetFencingRequest, v1::GetFencingResponse> kGetFencing{
    Listener::kInternal};
inline constexpr Method<v1::TakePartitionsRequest, v1::TakePartitionsResponse> kTakePartitions{
    Listener::kInternal};

inline constexpr std::tuple kMethods{kGetFencing, kTakePartitions};

}  // namespace seatsaga::saga
