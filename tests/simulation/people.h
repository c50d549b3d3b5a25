#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "seatsaga/reservation/v1/reservation.pb.h"
#include "tests/simulation/history.h"
#include "tests/simulation/spectators.h"
#include "tests/simulation/stage.h"
#include "tests/simulation/wishes.h"

namespace seatsaga::simulation {

// Customers, who make reservations, retry, give up and look; and operators, who retry and undo
// sagas. What they send and hear goes into the history. Not thread-safe.
class People {
 public:
  People(Stage& stage, Spectators& spectators)
      : stage_(stage), dice_(stage.dice), history_(stage.history), spectators_(spectators) {}

  // What they will do within `trouble`, with so many customers.
  void Plan(int customers, absl::Duration trouble);

 private:
  // One that wants seats, and asks until it knows.
  struct Customer {
    Creation wish;
    int64_t hold_s = 0;  // if it holds: how long
    int tries = 0;
    int tries_max = 0;
  };

  Creation NewWish(int number);
  void Ask(Customer& customer);
  void Hear(Customer& customer, size_t attempt,
            const absl::StatusOr<reservation::v1::CreateReservationResponse>& answer);
  void LookAtOne();
  void LookAtSeats();

  void InterveneInAny();
  void InterveneWhereNeeded();
  void Intervene(const std::string& id);
  template <class Method>
  void Intervene(Intervention::Kind kind, const Method& method, const std::string& id);

  // One of the reservations that somebody has seen; there is one.
  const std::string& AnyKnown();

  Stage& stage_;
  Dice& dice_;
  History& history_;
  Spectators& spectators_;
  Wishes wishes_{stage_};
  std::vector<std::unique_ptr<Customer>> customers_;
  std::set<std::string> known_;
};

}  // namespace seatsaga::simulation
