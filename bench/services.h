#pragma once

#include <string>

#include "absl/time/time.h"
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

 private:
  IoThread io_;  // stops when it is destroyed, which is after the channels

 public:
  RpcChannel reservations;
  RpcChannel seats;
  RpcChannel payments;
  RpcChannel sagas;
};

}  // namespace seatsaga::bench
