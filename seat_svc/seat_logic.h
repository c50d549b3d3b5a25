#pragma once

#include <span>
#include <string_view>

#include "common/node/logic.h"
#include "common/participant/fencing.h"
#include "seat_svc/hall_cache.h"
#include "seat_svc/seat_io.h"

namespace seatsaga::seat {

// Reasons of a refused reservation, and of a refused CreateEvent.
inline constexpr std::string_view kEventNotFound = "EVENT_NOT_FOUND";
inline constexpr std::string_view kSaleNotStarted = "SALE_NOT_STARTED";
inline constexpr std::string_view kSaleEnded = "SALE_ENDED";
inline constexpr std::string_view kSeatNotFound = "SEAT_NOT_FOUND";
inline constexpr std::string_view kSeatNotAvailable = "SEAT_NOT_AVAILABLE";
inline constexpr std::string_view kSeatNotHeld = "SEAT_NOT_HELD";
inline constexpr std::string_view kEventDiffers = "EVENT_DIFFERS";

// The rules of the seats: what a batch of inputs does to them. A replica: it keeps in memory the
// tokens that were taken and the halls used last.
class SeatLogic final : public Logic<SeatIo> {
 public:
  // `shared`: whether other lanes write to the store too.
  explicit SeatLogic(bool shared) : shared_(shared) {}

  void Want(std::span<const In> inputs, int round, store::Rows& rows) const override;
  // Creates events first, so that the batch's commands find them. That is correct because nobody in
  // the batch has had an answer yet. Decides everything else in order.
  void Decide(std::span<const In> inputs, store::Rows& rows, const Tick& tick,
              Plan<SeatIo>& plan) const override;
  void Remember(SeatIo::Memory&& memory) override;
  absl::Status Load(store::Snapshot& snapshot, const Tick& tick, Plan<SeatIo>& plan) override;

 private:
  const bool shared_;
  participant::Fencing fencing_;
  HallCache halls_;
};

}  // namespace seatsaga::seat
