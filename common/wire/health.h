#pragma once

#include "common/wire/method.h"
#include "grpc/health/v1/health.pb.h"

// grpc.health.v1, which every server serves in addition to its own methods.
namespace seatsaga {

inline constexpr Method<grpc::health::v1::HealthCheckRequest, grpc::health::v1::HealthCheckResponse>
    kHealthCheck{Listener::kPublic};
inline constexpr StreamingMethod<grpc::health::v1::HealthCheckRequest,
                                 grpc::health::v1::HealthCheckResponse>
    kHealthWatch{Listener::kPublic};

}  // namespace seatsaga
