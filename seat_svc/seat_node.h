#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/node/world.h"
#include "common/participant/node.h"
#include "seat_svc/seat_io.h"
#include "seat_svc/seat_logic.h"
#include "seat_svc/seat_queries.h"
#include "seat_svc/seat_watches.h"

namespace seatsaga::seat {

struct SeatOptions {
  LoopLimits limits;
};

namespace internal {
// A base class, so that it outlives the loop and the queries: bases are destroyed in reverse order.
struct SeatParts {
  SeatLogic logic;
  SeatQueries queries;
};
}  // namespace internal

// seatsaga.seat.v1.SeatService and ParticipantService.
class SeatNode final : private internal::SeatParts,
                       public participant::ParticipantNode<SeatIo, SeatBody> {
 public:
  // Opens the store; its errors say what to do.
  static absl::StatusOr<std::unique_ptr<SeatNode>> Open(const World& world,
                                                        const SeatOptions& options);

  ~SeatNode() override { Stop(absl::ZeroDuration()); }

 private:
  SeatNode(const World& world, const SeatOptions& options, std::unique_ptr<store::Store> store);

  void OnStarted() override { watches_.Start(); }
  void OnStopping() override { watches_.Stop(); }

  SeatWatches watches_;
};

}  // namespace seatsaga::seat
