#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/random/random.h"
#include "absl/status/statusor.h"
#include "bench/halls.h"
#include "common/id.h"
#include "seatsaga/reservation/v1/reservation.pb.h"

namespace seatsaga::bench {

using CreateRequest = reservation::v1::CreateReservationRequest;
using CreateResponse = reservation::v1::CreateReservationResponse;

// One reservation to make, and how it has to end.
struct Operation {
  CreateRequest request;
  bool declined = false;  // the card is one that the provider declines
  int hot_seat = -1;      // which of the contended seats; -1 when the seat is its own
};

struct Verdict {
  std::string outcome;  // "CONFIRMED", "CANCELLED PAYMENT_DECLINED", "UNAVAILABLE: ..."
  bool expected = false;
};

// What the clients of a scenario ask for, and what they may be answered. Used under a lock.
class Workload {
 public:
  virtual ~Workload() = default;
  // False when there is nothing left to ask for (the seats have run out).
  virtual bool Next(Operation& operation) = 0;
  virtual Verdict Judge(const Operation& operation,
                        const absl::StatusOr<CreateResponse>& answer) = 0;
  // What is wrong with the whole run; empty when nothing is.
  virtual std::vector<std::string> Complaints() const { return {}; }
};

// Every reservation has a seat of its own; the share `declined_share` (0 to 1) pays with a card
// that is declined. Those must be CANCELLED, PAYMENT_DECLINED, and the others CONFIRMED at the
// seat's price.
std::unique_ptr<Workload> MakeOwnSeats(Halls halls, double declined_share);

// The same seats, without waiting for the end: every answer must be PENDING.
std::unique_ptr<Workload> MakeUnfinished(Halls halls);

// Everyone wants one of the last `hot_seats` seats of event 0, each drawn at random. A seat may be
// won once; whoever comes too late must be CANCELLED, SEAT_NOT_AVAILABLE.
std::unique_ptr<Workload> MakeHotHall(Halls halls, int hot_seats);

// Takes the other seats of that hall, 20 in a reservation.
std::unique_ptr<Workload> MakeHallFilling(Halls halls, int hot_seats);

}  // namespace seatsaga::bench
