#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "seatsaga/reservation/v1/reservation.pb.h"
#include "seatsaga/seat/v1/seat.pb.h"
#include "tests/simulation/stage.h"
#include "tests/world/test_world.h"

namespace seatsaga::simulation {

// Who watches reservations and halls, and watches again when a stream breaks. What they are shown
// goes into the history. Not thread-safe.
class Spectators {
 public:
  explicit Spectators(Stage& stage) : stage_(stage), history_(stage.history) {}

  // From now on until the end of the run.
  void WatchHalls();
  // Until it is CONFIRMED or CANCELLED, or only CANCELLED.
  void Watch(const std::string& reservation_id, bool until_cancelled);
  // Takes what has arrived; after every step.
  void Take();
  // The run is over: notes which streams are open.
  void End();

 private:
  template <class Response>
  struct Stream {
    size_t at = 0;  // in the history
    testing::Received<Response> received;
    size_t taken = 0;  // messages
    bool over = false;
  };
  using Reservations = Stream<reservation::v1::WatchReservationResponse>;
  using Seats = Stream<seat::v1::WatchSeatsResponse>;

  void WatchHall(const std::string& event);
  void Take(Reservations& stream);
  void Take(Seats& stream);
  testing::CallOptions Options();
  absl::Duration Pause();

  Stage& stage_;
  History& history_;
  std::vector<std::unique_ptr<Reservations>> reservations_;
  std::vector<std::unique_ptr<Seats>> seats_;
};

}  // namespace seatsaga::simulation
