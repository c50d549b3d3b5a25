#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"

// The floor that SeatSaga is measured against: the five unary RPCs of one reservation across four
// processes, with empty handlers and nothing stored.
//
//   client --CreateReservation--> facade --StartSagas--> orchestrator --ReserveSeats--> seat
//                                   ^                        |   \-----ChargePayment--> payment
//                                   \-ExecuteReservationCommands (confirm)
//
// The calls follow one another as they do in SeatSaga, each with a deadline; StartSagas is answered
// after the confirmation, and CreateReservation after StartSagas.
namespace seatsaga::bench {

enum class Role { kFacade, kOrchestrator, kSeat, kPayment };

struct NullServerOptions {
  Role role = Role::kFacade;
  std::string listen;  // "host:port" or "unix:/path"
  // Addresses of the others, as far as the role calls them.
  std::string orchestrator;
  std::string seat;
  std::string payment;
  std::string facade;
};

// Serves until it is destroyed.
class NullServer {
 public:
  virtual ~NullServer() = default;
};

// With gRPC's callback API and its thread pool. Null if the address cannot be used.
std::unique_ptr<NullServer> StartCallbackServer(const NullServerOptions& options);

// With one completion queue, polled by one thread, for the calls it serves and the calls it makes.
std::unique_ptr<NullServer> StartQueueServer(const NullServerOptions& options);

}  // namespace seatsaga::bench
