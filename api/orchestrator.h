#pragma once

#include <tuple>

#include "common/wire/method.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"

// OrchestratorService.
namespace seatsaga::orchestrator {

inline constexpr Method<v1::StartSagasRequest, v1::StartSagasResponse> kStartSagas{
    Listener::kInternal};
inline constexpr Method<v1::SubmitSignalsRequest, v1::SubmitSignalsResponse> kSubmitSignals{
    Listener::kInternal};
inline constexpr Method<v1::GetSagaRequest, v1::GetSagaResponse> kGetSaga{Listener::kAdmin};
inline constexpr Method<v1::ListSagasRequest, v1::ListSagasResponse> kListSagas{Listener::kAdmin};
inline constexpr Method<v1::RetrySagaRequest, v1::RetrySagaResponse> kRetrySaga{Listener::kAdmin};
inline constexpr Method<v1::CompensateSagaRequest, v1::CompensateSagaResponse> kCompensateSaga{
    Listener::kAdmin};
inline constexpr Method<v1::GetStatsRequest, v1::GetStatsResponse> kGetStats{Listener::kAdmin};

inline constexpr StreamingMethod<v1::WatchEventsRequest, v1::WatchEventsResponse> kWatchEvents{
    Listener::kInternal};

inline constexpr std::tuple kMethods{kStartSagas, kSubmitSignals,  kGetSaga,  kListSagas,
                                     kRetrySaga,  kCompensateSaga, kGetStats, kWatchEvents};

}  // namespace seatsaga::orchestrator
