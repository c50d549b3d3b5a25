#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/methods.h"
#include "common/on_arena.h"
#include "common/rpc/client.h"
#include "common/rpc/io_thread.h"

namespace seatsaga::bench {

// Where the four services listen.
struct ServiceAddresses {
  std::string reservations = "127.0.0.1:50051";
  std::string seats = "127.0.0.1:50052";
  std::string payments = "127.0.0.1:50053";
  std::string sagas = "127.0.0.1:50054";
};

// Connections to all four. Thread-safe.
class Services {
 public:
  // Longer than any answer should take: a late one must be measured, not cut off.
  static constexpr absl::Duration kDeadline = absl::Seconds(30);

  explicit Services(const ServiceAddresses& addresses)
      : reservations(io_, addresses.reservations),
        seats(io_, addresses.seats),
        payments(io_, addresses.payments),
        sagas(io_, addresses.sagas) {
    io_.Start();
  }

  // Sends the request to the service that takes it, and waits for the answer.
  template <class Request>
  absl::StatusOr<api::ResponseOf<Request>> Call(const Request& request) {
    return CallAndWait(ChannelFor<Request>(), Plain(api::kMethodOf<Request>), request, kDeadline);
  }
  // The same with the answer on an arena, which is cheaper to read if it is large.
  template <class Request>
  absl::StatusOr<OnArena<api::ResponseOf<Request>>> CallOnArena(const Request& request) {
    constexpr Method<Request, OnArena<api::ResponseOf<Request>>> kMethod{
        api::kMethodOf<Request>.listener};
    return CallAndWait(ChannelFor<Request>(), kMethod, request, kDeadline);
  }

 private:
  template <class Request>
  RpcChannel& ChannelFor() {
    if constexpr (api::Has<Request>(reservation::kMethods)) {
      return reservations;
    } else if constexpr (api::Has<Request>(seat::kMethods)) {
      return seats;
    } else if constexpr (api::Has<Request>(payment::kMethods)) {
      return payments;
    } else {
      static_assert(api::Has<Request>(orchestrator::kMethods), "every participant takes it");
      return sagas;
    }
  }

  IoThread io_;  // stops when it is destroyed, which is after the channels

 public:
  RpcChannel reservations;
  RpcChannel seats;
  RpcChannel payments;
  RpcChannel sagas;
};

}  // namespace seatsaga::bench
