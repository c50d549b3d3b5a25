#pragma once

#include <memory>
#include <string>

// The floor that SeatSaga is measured against: the five unary RPCs of one reservation across four
// processes, with empty handlers and nothing stored.
//
//   client --CreateReservation--> facade --StartSagas--> orchestrator --ReserveSeats--> seat
//                                   ^                        |   \-----ChargePayment--> payment
//                                   \-ExecuteReservationCommands (confirm)
//
// The calls follow one another as in SeatSaga, each with a deadline. StartSagas is answered after
// the confirmation, and CreateReservation after StartSagas.
namespace seatsaga::bench {

enum class Role { kFacade, kOrchestrator, kSeat, kPayment };

struct NullServerOptions {
  Role role = Role::kFacade;
  std::string listen;  // "host:port" or "unix:/path"
  // Addresses of the servers that the role calls.
  std::string orchestrator;
  std::string seat;
  std::string payment;
  std::string facade;
};

// Serves until it is destroyed. One completion queue, polled by one thread, carries the calls that
// it serves and the calls that it makes, as in SeatSaga.
class NullServer {
 public:
  // Null if the address cannot be used.
  static std::unique_ptr<NullServer> Start(const NullServerOptions& options);
  virtual ~NullServer() = default;
};

}  // namespace seatsaga::bench
