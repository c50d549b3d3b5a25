#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/random/random.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bench/halls.h"
#include "common/id.h"
#include "seatsaga/reservation/v1/reservation.pb.h"

namespace seatsaga::bench {

using CreateRequest = reservation::v1::CreateReservationRequest;
using PayRequest = reservation::v1::PayReservationRequest;
// What a call answered: the reservation, or why there is none.
using Answer = absl::StatusOr<reservation::v1::Reservation>;

// One reservation to make, and what decides how it must end.
struct Operation {
  CreateRequest request;
  bool declined = false;  // the provider declines the card
  int hot_seat = -1;      // which of the contended seats; -1 if nobody else wants the seat
};

struct Verdict {
  std::string outcome;  // "CONFIRMED", "CANCELLED PAYMENT_DECLINED", "UNAVAILABLE: ..."
  bool expected = false;
};

// The requests of a scenario's clients, and the answers that they may get. Used under a lock.
class Workload {
 public:
  virtual ~Workload() = default;
  // False if there are no more requests, because the seats have run out.
  virtual bool Next(Operation& operation) = 0;
  // The payment that follows that answer, if one does: only then is the operation not over.
  virtual std::optional<PayRequest> PaymentAfter(const Answer&) { return std::nullopt; }
  virtual Verdict Judge(const Operation& operation, const Answer& answer) = 0;
  // What is wrong with the run as a whole.
  virtual std::vector<std::string> Complaints() const { return {}; }
};

// Every reservation has a seat of its own. The share `declined_share` (0 to 1) pays with a card
// that is declined, and must be CANCELLED, PAYMENT_DECLINED. The others must be CONFIRMED at the
// seat's price.
std::unique_ptr<Workload> MakeOwnSeats(Halls halls, double declined_share);

// The same seats, without waiting for the end: every answer must be PENDING.
std::unique_ptr<Workload> MakeUnfinished(Halls halls);

// The same seats, held first and then paid for: each must be CONFIRMED at the seat's price.
std::unique_ptr<Workload> MakeHoldAndPay(Halls halls);

// The same seats, held until `expire_time` and not paid for: each must be HELD.
std::unique_ptr<Workload> MakeHolding(Halls halls, absl::Time expire_time);

// Every reservation wants one of the last `hot_seats` seats of event 0, drawn at random. A seat may
// be won once; later reservations must be CANCELLED, SEAT_NOT_AVAILABLE.
std::unique_ptr<Workload> MakeHotHall(Halls halls, int hot_seats);

// Takes the other seats of that hall, 20 per reservation.
std::unique_ptr<Workload> MakeHallFilling(Halls halls, int hot_seats);

}  // namespace seatsaga::bench
